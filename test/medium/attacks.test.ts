import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attacks } from '../../lab/siege/attacks/index.ts';
import { loopbackUrl, type Target } from '../../lab/siege/target.ts';
import { underAttack } from '../../lab/siege/under-attack.ts';
import { readConfig } from '../../src/config.ts';
import { issueKey } from '../../src/features/persons/keys.ts';
import { openService } from '../../src/wiring.ts';
import { eventually } from '../support/eventually.ts';
import { postgresFolder } from '../support/postgres-server.ts';
import { program, type RunningService, runService } from '../support/running-service.ts';

/**
 * What was done to the service from outside, in the sizes of `npm run siege -- --once`, by the same code: each attack
 * once, while somebody else asks. Asserted: memory of the API's process, the answers to the others, and life. What the
 * same attacks did to the code of before is in docs/security/attacks.md.
 */

const SITE = 'harbour';
/** More than the attack of idle connections leaves to others, and less than it would take. */
const OPEN_FILES = 1024;
/** On a machine that runs other tests beside; `npm run siege` allows 2 s. */
const SLOWEST_MS = 5_000;

let data: string;
let service: RunningService;
let target: Target;

beforeAll(async () => {
  data = await postgresFolder();
  const settings = { NII_DATA: data, NII_WORKERS: '0' };
  const own = await openService(readConfig(settings), { info: () => {}, warn: () => {}, error: () => {} });
  const key = async (role: 'scanner' | 'supervisor') =>
    (await issueKey(own.deps, { roles: [role], administration: 'utopia', site: SITE, name: role })).token;
  const keys = { senderKey: await key('scanner'), readerKey: await key('supervisor') };
  await own.close();
  service = await runService(settings, process.platform === 'linux' ? { openFiles: OPEN_FILES } : {});
  const live = `${service.address}/v1/health/live`;
  await eventually('the service is ready', 90, async () => (await fetch(live)).status === 200);
  const url = loopbackUrl(service.address);
  target = { url, ...keys, pid: service.apiPid() ?? 0, nii: [process.execPath, ...program] };
}, 180_000);
afterAll(async () => {
  await service?.stop();
  await rm(data, { recursive: true, force: true });
});

describe('an attack costs the API little memory, the others little time, and nobody an error:', () => {
  test.each(attacks.map((attack, i) => [attack.summary, attack, i] as const))(
    '%s',
    async (_what, attack, i) => {
      const seen = await underAttack(attack, target, 1 + i * 100, SLOWEST_MS);
      const { others, grownMiB, answers } = seen;
      console.log(
        `${attack.name}: ${others.answers} others answered, the slowest in ${others.slowestMs} ms, p99 ${others.p99Ms} ms; ` +
          `API grew ${grownMiB} MiB; ${JSON.stringify(answers)}`,
      );
      expect(service.apiPid(), service.log()).toBe(target.pid);
      expect(seen.faults, service.log()).toEqual([]);
      expect(Object.keys(answers)).not.toEqual([]);
      // how many are drawn before their time is over is a figure of the machine: five of forty beside other tests, all of them alone
      if (attack.name === 'renderings') expect(answers['200'] ?? 0).toBeGreaterThan(0);
    },
  );
});

test('an address of another machine is no target', () => {
  for (const written of [
    'http://192.0.2.1:8080',
    'http://nii.example.org',
    'https://127.0.0.1',
    'http://127.0.0.1.example.org',
  ])
    expect(() => loopbackUrl(written), written).toThrow(RangeError);
  expect(loopbackUrl('http://127.0.0.9:8080').port).toBe('8080');
});

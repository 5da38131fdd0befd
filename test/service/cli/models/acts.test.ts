import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Role } from '../../../../src/core/access.ts';
import type { UploadMeta } from '../../../../src/core/upload.ts';
import { createPerson } from '../../../../src/features/persons/decide.ts';
import { atCommandLine, issueKey } from '../../../../src/features/persons/keys.ts';
import { buildApp } from '../../../../src/http/app.ts';
import { drainJobs } from '../../../../src/steps/worker.ts';
import type { Service } from '../../../../src/wiring.ts';
import { writePackage } from '../../../support/infer/package-folder.ts';
import { freePort } from '../../../support/running-service.ts';
import { sendSimulated } from '../../../support/send-simulated.ts';
import { actor, send } from '../../../support/stage.ts';
import { openWorld, type Ran, type World } from '../../../support/world.ts';

/** What people type to change versions, against a service that listens. Each test has an administration of its own. */

/** Before any other model that takes two channels. */
const MODEL = 'a-opacity';

let world: World;
let service: Service;
let app: ReturnType<typeof buildApp>;
let url: string;
let administration: string;
const keys = new Map<string, string>();
/** What was printed when the candidates were recorded and added. */
const said = { record: '', recordJson: '', add: '', addJson: '' };

beforeAll(async () => {
  const outer = await openWorld();
  const own = join(outer.dir, 'models');
  writePackage(join(own, MODEL, '1'), { id: MODEL });
  const inner = await openWorld({ NII_MODELS_DIR: own });
  world = {
    ...inner,
    close: async () => {
      await inner.close();
      await outer.close();
    },
  };
  service = await world.open();
  // no verdict waits for second thoughts or a second reading
  const policy = { ...service.deps.policy, secondOpinionShare: 0, undoWindowSeconds: 0 };
  const limits = { requestsPerMinute: 1_000_000, lateLoopMs: 60_000 };
  app = buildApp({ ...service.deps, policy }, { version: 'test', logger: { level: 'error' }, ...limits });
  await app.listen({ host: '127.0.0.1', port: 0 });
  url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  for (const [version, one] of [
    ['2', 0.9],
    ['3', 0.1],
  ] as const)
    writePackage(candidate(version), { id: MODEL, version, one });
  said.record = await done(world.nii('models', 'record', candidate('2')));
  said.recordJson = await done(world.nii('models', 'record', candidate('3'), '--json'));
  said.add = await done(world.nii('models', 'add', candidate('2')));
  said.addJson = await done(world.nii('models', 'add', candidate('3'), '--json'));
}, 120_000);

let offices = 0;
beforeEach(async () => {
  offices += 1;
  administration = `office-${offices}`;
  for (const [name, role] of [
    ['ada', 'administrator'],
    ['bob', 'administrator'],
    ['scientist', 'data-scientist'],
    ['supervisor', 'supervisor'],
  ] as const)
    await issue(name, role);
});

afterAll(async () => {
  await app.close();
  await service.close();
  await world.close();
});

const candidate = (version: string) => join(world.dir, `candidate-${version}`);

async function issue(name: string, role: Role, site = '*'): Promise<void> {
  const { deps } = service;
  const person = (await createPerson(deps, { actor: atCommandLine(administration) }, name)).id;
  const { token } = await issueKey(deps, { roles: [role], administration, site, name, person });
  keys.set(name, token);
  writeFileSync(join(world.dir, name), token, { mode: 0o600 });
}

/** As a person types it, with their own key. */
const as = (name: string, ...args: readonly string[]): Promise<Ran> =>
  world.nii('models', ...args, '--url', url, '--key-file', join(world.dir, name));

async function done(ran: Promise<Ran>): Promise<string> {
  const { code, out, err } = await ran;
  expect([code, err]).toEqual([0, '']);
  return out;
}

async function rejected(ran: Promise<Ran>): Promise<string> {
  const { code, out, err } = await ran;
  expect([code, out]).toEqual([3, '']);
  return err;
}

async function statesShown(): Promise<Readonly<Record<string, string>>> {
  const answer = await fetch(`${url}/v1/models/${MODEL}`, {
    headers: { authorization: `Bearer ${keys.get('ada')}` },
  });
  const { versions } = (await answer.json()) as { versions: { version: string; state: string }[] };
  return Object.fromEntries(versions.map(({ version, state }) => [version, state]));
}

async function activate(version: string): Promise<void> {
  await done(as('ada', 'activate', MODEL, version));
  await done(as('bob', 'activate', MODEL, '--confirm'));
}

describe('nii models record', () => {
  test('says how many runs it wrote where', () => {
    const file = join(candidate('2'), 'golden.json');
    expect(said.record).toBe(`${MODEL}@2: 3 runs recorded in ${file}\n`);
    const json = JSON.parse(said.recordJson);
    expect(json).toEqual({ model: `${MODEL}@3`, file: join(candidate('3'), 'golden.json'), runs: 3 });
    expect(JSON.parse(readFileSync(json.file, 'utf8')).runs).toHaveLength(3);
  });

  test('of a folder that is no package names the folder and what is missing', async () => {
    const absent = join(world.dir, 'absent');
    expect(await rejected(world.nii('models', 'record', absent))).toBe(
      `NII_MODEL_INVALID: The model package is inconsistent. ${absent}: model.json is absent or not JSON\n`,
    );
    const { out } = await world.nii('models', 'record', absent, '--json');
    expect(JSON.parse(out).problem).toMatchObject({ code: 'NII_MODEL_INVALID' });
  });
});

describe('nii models add', () => {
  test('copies a package, says the next step, and writes it into the audit', async () => {
    expect(said.add).toBe(`${MODEL}@2 added; next: nii models activate ${MODEL} 2\n`);
    expect(JSON.parse(said.addJson)).toMatchObject({
      id: MODEL,
      version: '3',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const scope = { administration: '', site: '*' };
    const { rows } = await service.deps.records.transaction((tx) => tx.auditTrail(scope, 100));
    const added = rows.filter(({ action }) => action === 'security: model added');
    expect(added.map(({ subject }) => subject).toSorted()).toEqual([`${MODEL}@2`, `${MODEL}@3`]);
  });

  test('of a version that is there already says so', async () => {
    expect(await rejected(world.nii('models', 'add', candidate('2')))).toBe(
      `NII_CONFLICT: Model "${MODEL}" already has a version "2": use another version\n`,
    );
  });

  test('of a model that does not repeat its recorded outputs adds nothing', async () => {
    writePackage(candidate('4'), { id: MODEL, version: '4', one: 0.5 });
    await world.nii('models', 'record', candidate('4'));
    const file = join(candidate('4'), 'golden.json');
    const golden = JSON.parse(readFileSync(file, 'utf8'));
    golden.runs[0].outputs.anomaly_map.values[0] += 0.5;
    writeFileSync(file, JSON.stringify(golden));
    expect(await rejected(world.nii('models', 'add', candidate('4')))).toMatch(
      /^NII_MODEL_GOLDEN: The model does not reproduce its recorded outputs\. .*run 1 differs/,
    );
    expect(await statesShown()).not.toHaveProperty('4');
  });

  test('of a package with a link, and without NII_MODELS_DIR, says what to change', async () => {
    writePackage(candidate('5'), { id: MODEL, version: '5' });
    symlinkSync('/etc/hosts', join(candidate('5'), 'notes.txt'));
    expect(await rejected(world.nii('models', 'add', candidate('5')))).toContain(
      '"notes.txt" is a link: copy the file into the package',
    );
    const bare = await openWorld();
    const { code, err } = await bare.nii('models', 'add', candidate('2'));
    await bare.close();
    expect(code).toBe(2);
    expect(err).toContain('Missing NII_MODELS_DIR: set it to the folder for added models');
  });
});

describe('nii models activate and rollback', () => {
  test('one person proposes, and is told what another one types', async () => {
    const out = await done(as('ada', 'activate', MODEL, '2'));
    expect(out).toMatch(/^model +version +state +sha256\n/);
    expect(out).toContain(
      `version 2 is waiting for another administrator: nii models activate ${MODEL} 2 --confirm\n`,
    );
    expect(await statesShown()).toEqual({ 1: 'active', 2: 'installed', 3: 'installed' });
  });

  test('the same person does not confirm, nor does one who names another version', async () => {
    await done(as('ada', 'activate', MODEL, '2'));
    expect(await rejected(as('ada', 'activate', MODEL, '--confirm'))).toMatch(
      /^NII_STATE_CONFLICT: A proposal needs confirmation by another linked person/,
    );
    expect(await rejected(as('bob', 'activate', MODEL, '3', '--confirm'))).toBe(
      `NII_STATE_CONFLICT: Version "2" of "${MODEL}" is proposed, not "3": nothing was confirmed\n`,
    );
    expect((await statesShown())['1']).toBe('active');
  });

  test('another person confirms with the same command and --confirm', async () => {
    await done(as('ada', 'activate', MODEL, '2'));
    const confirmed = JSON.parse(await done(as('bob', 'activate', MODEL, '2', '--confirm', '--json')));
    expect(confirmed).toMatchObject({
      id: MODEL,
      terms: { active: { version: '2' }, before: { version: '1' } },
    });
    expect(await statesShown()).toEqual({ 1: 'retired', 2: 'active', 3: 'installed' });
    expect(await rejected(as('bob', 'activate', MODEL, '--confirm'))).toBe(
      `NII_STATE_CONFLICT: No version of "${MODEL}" is proposed: nothing to confirm\n`,
    );
  });

  test.each([
    ['the active version', [MODEL, '1'], `NII_STATE_CONFLICT: Version "1" of "${MODEL}" is already active\n`],
    ['a version not here', [MODEL, '9'], `NII_NOT_FOUND: Model "${MODEL}" has no version "9" here\n`],
    ['a model not here', ['nothing', '1'], 'NII_NOT_FOUND: Unknown model "nothing"\n'],
  ])('%s is not activated', async (_, operands, words) => {
    expect(await rejected(as('ada', 'activate', ...operands))).toBe(words);
  });

  test('a key that may not, and one of a single site, are told which key may', async () => {
    expect(await rejected(as('scientist', 'activate', MODEL, '3'))).toMatch(
      /^NII_FORBIDDEN: This key is not allowed to do this\. .*data-scientist/,
    );
    await issue('harbour', 'administrator', 'harbour');
    expect(await rejected(as('harbour', 'activate', MODEL, '3'))).toContain('use a key with site *');
  });

  test('rollback goes back once, and then says that there is nothing to roll back to', async () => {
    await activate('2');
    expect(await done(as('ada', 'rollback', MODEL))).toMatch(new RegExp(`^${MODEL} +1 +active`, 'm'));
    expect(await statesShown()).toEqual({ 1: 'active', 2: 'retired', 3: 'installed' });
    expect(await rejected(as('ada', 'rollback', MODEL))).toBe(
      `NII_STATE_CONFLICT: "${MODEL}" has no earlier active version to roll back to\n`,
    );
    const { out } = await as('ada', 'rollback', MODEL, '--json');
    expect(JSON.parse(out).problem).toMatchObject({ code: 'NII_STATE_CONFLICT' });
  });

  test.each([
    [['activate', MODEL], 'Missing operand for activate: use nii models activate ID VERSION'],
    [['rollback'], 'Missing operand for rollback: use nii models rollback ID'],
    [['rollback', MODEL, '1'], `Invalid operands "${MODEL} 1" for rollback: use nii models rollback ID`],
    [['shadow', MODEL, '2', '--off'], `Invalid operands "${MODEL} 2" for shadow: use nii models shadow ID`],
    [['watch', MODEL], `Invalid operands "${MODEL}" for watch: use nii models watch`],
    [['vendors', MODEL], `Invalid operands "${MODEL}" for vendors: use nii models vendors`],
    [['drop'], 'Invalid operands "drop": use list, test, record'],
  ])('nii models %j is wrong use, and says what the act takes', async (args, words) => {
    const { code, out, err } = await as('ada', ...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(words);
  });

  test('without an address, a key or a service, the message says which is missing', async () => {
    const here = join(world.dir, 'ada');
    const noAddress = await world.nii('models', 'rollback', MODEL, '--key-file', here);
    expect([noAddress.code, noAddress.err]).toEqual([
      2,
      expect.stringContaining('Missing service address: use --url or NII_URL'),
    ]);
    const noKey = await world.nii('models', 'rollback', MODEL, '--url', url);
    expect([noKey.code, noKey.err]).toEqual([
      2,
      expect.stringContaining('Missing key for an administrator: use --key-file or NII_KEY'),
    ]);
    const nowhere = `http://127.0.0.1:${await freePort()}/`;
    expect(await rejected(world.nii('models', 'rollback', MODEL, '--url', nowhere, '--key-file', here))).toBe(
      `NII_NOT_FOUND: No service responds at ${nowhere}: check --url or NII_URL, and whether the service is running\n`,
    );
  });
});

describe('nii models shadow', () => {
  test('without a version in shadow says how to begin', async () => {
    expect(await rejected(as('scientist', 'shadow', MODEL))).toBe(
      `NII_NOT_FOUND: No version of "${MODEL}" is in shadow: start one with nii models shadow ${MODEL} VERSION\n`,
    );
  });

  test('begins by one administrator, and says so before the first scan', async () => {
    expect(await done(as('ada', 'shadow', MODEL, '3'))).toMatch(new RegExp(`^${MODEL} +3 +shadow`, 'm'));
    const empty = await done(as('scientist', 'shadow', MODEL));
    expect(empty).toContain('0 scans with shadow results, 0 of them analysed by both versions\n');
    expect(empty).toContain('no verdict or outcome yet');
    expect(empty).toContain('furthest apart: no scan');
    expect(await rejected(as('ada', 'shadow', MODEL, '1'))).toBe(
      `NII_STATE_CONFLICT: Version "1" of "${MODEL}" is active and cannot be the shadow version\n`,
    );
    expect(await rejected(as('scientist', 'shadow', MODEL, '2'))).toMatch(/^NII_FORBIDDEN: /);
  });

  test('shows scans, agreement, the widest gaps and the verdicts beside the active version', async () => {
    await done(as('ada', 'shadow', MODEL, '3'));
    await takeIn(3);
    const suspect = await decideNext('suspect');
    const compared = JSON.parse(await done(as('scientist', 'shadow', MODEL, '--json')));
    expect(compared).toMatchObject({
      scans: 3,
      active: { analysed: 3 },
      shadow: { analysed: 3 },
      both: { scans: 3 },
    });
    expect(compared.verdicts.find(({ verdict }: { verdict: string }) => verdict === 'suspect').scans).toBe(1);
    expect(compared.furthestApart).toHaveLength(3);
    const gaps = compared.furthestApart.map(
      (one: { activePercentile: number; shadowPercentile: number }) =>
        one.activePercentile - one.shadowPercentile,
    );
    // the candidate gives each scan 0.9 less
    expect(Math.min(...gaps)).toBeGreaterThan(0);
    expect(gaps).toEqual(gaps.toSorted((a: number, b: number) => b - a));
    const text = await done(as('scientist', 'shadow', MODEL));
    expect(text).toMatch(
      /^3 scans with shadow results, 3 of them analysed by both versions; both or neither raise an alarm on \d/,
    );
    expect(text).toMatch(/^verdict suspect +1 +\d +\d$/m);
    expect(text).toMatch(/^furthest apart +alarm by +active score +percentile +shadow score +percentile/m);
    expect(text).toMatch(new RegExp(`^${suspect} revision 1 +.* suspect +-$`, 'm'));
  });

  test('ends with --off', async () => {
    await done(as('ada', 'shadow', MODEL, '3'));
    expect((await statesShown())['3']).toBe('shadow');
    await done(as('bob', 'shadow', MODEL, '--off'));
    expect((await statesShown())['3']).toBe('installed');
    expect(await rejected(as('scientist', 'shadow', MODEL))).toMatch(/^NII_NOT_FOUND: No version/);
  });
});

/** Scans of this test's administration, at the site "harbour", converted and analysed. */
async function takeIn(count: number, meta: UploadMeta = {}): Promise<void> {
  const sender = { ...actor('scanner'), administration };
  for (let i = 0; i < count; i += 1) {
    seeds += 1;
    await sendSimulated(service.deps, sender, seeds, meta);
  }
  await drainJobs(service.deps, 'test');
}
let seeds = 0;

/** @returns the id of the scan */
async function decideNext(kind: 'suspect' | 'normal'): Promise<string> {
  const post = async (path: string, body: object = {}) => {
    const answer = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${keys.get('supervisor')}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect([path, answer.ok]).toEqual([path, true]);
    return (await answer.json()) as { id: string; scanId: string };
  };
  const { items } = (await (
    await fetch(`${url}/v1/queue`, { headers: { authorization: `Bearer ${keys.get('supervisor')}` } })
  ).json()) as { items: readonly { id: string; scanId: string }[] };
  const [{ id, scanId } = { id: '', scanId: '' }] = items;
  await post(`/v1/cases/${id}/claim`);
  await post(`/v1/cases/${id}/verdict`, { kind, reason: 'other' });
  return scanId;
}

describe('nii models vendors', () => {
  /** Two energies of one scan with the ALARM of the machine "Example 2.0" on it. */
  async function takeInReported(): Promise<void> {
    const at = new URL('../../../../converters/dicom/fixtures/two-energies-and-report/', import.meta.url);
    const files = ['a.dcs', 'b.dcs', 'c.dcs'].map((name) => ({
      name,
      bytes: new Uint8Array(readFileSync(new URL(name, at))),
    }));
    await send(service.deps, files, {}, { ...actor('scanner'), administration });
    await drainJobs(service.deps, 'test');
  }

  test('shows alarms of an algorithm beside those of each model, and what people found', async () => {
    await takeInReported();
    await decideNext('suspect');
    const [found] = JSON.parse(await done(as('scientist', 'vendors', '--json', '--days', '90')));
    expect(found).toMatchObject({
      algorithm: 'Example 2.0',
      scans: 1,
      undecided: 0,
      alarms: { count: 1, of: 1, value: 1, high: 1 },
      outcomes: [
        { outcome: 'found', alarms: { count: 0, of: 0 } },
        { outcome: 'nothing-found', alarms: { count: 0, of: 0 } },
      ],
    });
    expect(found.verdicts[0]).toMatchObject({ verdict: 'suspect', alarms: { count: 1, of: 1 } });
    const [ours] = found.models.filter(({ model }: { model: string }) => model === `${MODEL}@1`);
    expect(ours.bothAlarm + ours.vendorOnly).toBe(1);
    expect(ours.modelOnly + ours.neither).toBe(0);
    const text = await done(as('scientist', 'vendors'));
    // Wilson's interval of 1 of 1
    expect(text).toMatch(
      /^Example 2\.0: 1 scans, 0 of them without a decision; alarms on 1 of 1, 100\.0 % \(20\.7 to 100\.0\)$/m,
    );
    expect(text).toMatch(new RegExp(`^${MODEL}@1 +\\d +\\d +0 +0 +\\d of 1, `, 'm'));
    expect(text).toMatch(/^verdict suspect +all +1 of 1, /m);
  });

  test('counts the sites of the key alone, and says where there is nothing', async () => {
    await takeInReported();
    await issue('airport', 'administrator', 'airport');
    const nothing = 'no scan in this period has a report from a vendor algorithm\n';
    expect(await done(as('airport', 'vendors'))).toBe(nothing);
    await issue('harbour', 'administrator', 'harbour');
    expect(await done(as('harbour', 'vendors'))).toContain('Example 2.0: 1 scans');
  });

  test('is not for those who decide cases', async () => {
    expect(await rejected(as('supervisor', 'vendors'))).toMatch(/^NII_FORBIDDEN: .*supervisor/);
  });
});

describe('nii models watch', () => {
  test('shows a line for each scanner, day and model, with what the package expects', async () => {
    await takeIn(3);
    const text = await done(as('scientist', 'watch'));
    const [headings = '', line = ''] = text.split('\n');
    expect(headings).toMatch(/^site +scanner +day +model +scans +open beam +dark lines .*alarms +expected$/);
    expect(line).toMatch(new RegExp(`^harbour .* ${MODEL}@1 +3 .* 30\\.0 %$`));
    const [day] = JSON.parse(await done(as('scientist', 'watch', '--json', '--days', '1')));
    expect(day).toMatchObject({ site: 'harbour', model: `${MODEL}@1`, scans: 3, targetRate: 0.3 });
    await takeIn(1, { purpose: 'calibration' });
    const [later] = JSON.parse(await done(as('scientist', 'watch', '--json', '--days', '1')));
    const { analysed, alarms, scores } = day;
    expect(later).toMatchObject({ scans: 4, analysed, alarms, scores });
  });

  test('of an administrator of another site says that there are no scans', async () => {
    await issue('airport', 'administrator', 'airport');
    expect(await done(as('airport', 'watch'))).toBe('no scans in this period\n');
  });

  test.each([
    ['0', 'Invalid --days "0": use a whole number from 1 to 90'],
    ['91', 'Invalid --days "91": use a whole number from 1 to 90'],
    ['week', 'Invalid --days "week": use a whole number from 1 to 90'],
  ])('--days %s is rejected with the range', async (days, words) => {
    const { code, err } = await as('ada', 'watch', '--days', days);
    expect(code).toBe(2);
    expect(err).toContain(words);
  });

  test('is not for those who decide cases', async () => {
    expect(await rejected(as('supervisor', 'watch'))).toMatch(/^NII_FORBIDDEN: .*supervisor/);
  });
});

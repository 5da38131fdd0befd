/**
 * `npm run measure:lists -- [--scans N]... [--times N] [--json]`: how long every list, queue, feed and search takes over a
 * real database with so many scans and cases (10000 and 100000 unless given), asked of the built service over HTTP. The
 * figures are in docs/decisions/0043-flat-lists.md.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { migrateDatabase } from '../../src/adapters/postgres/database.ts';
import { openEmbeddedPostgres } from '../../src/adapters/postgres/embedded.ts';
import type { RunningService } from '../../src/cli/command.ts';
import { readConfig } from '../../src/config.ts';
import type { Role } from '../../src/core/access.ts';
import { atCommandLine, issueKey } from '../../src/decide/keys.ts';
import { createPerson } from '../../src/decide/persons.ts';
import type { Service } from '../../src/wiring.ts';
import { postgresFolder, query, withDatabase, withLogin } from '../../test/support/postgres-server.ts';
import { sendSimulated } from '../../test/support/send-simulated.ts';
import { multiply } from './lists/multiply.ts';

const place = { administration: 'utopia', site: 'harbour' };
const MOST_TURNS = 240;

const { values } = parseArgs({
  options: {
    scans: { type: 'string', multiple: true, default: ['10000', '100000'] },
    times: { type: 'string', default: '30' },
    json: { type: 'boolean', default: false },
  },
});
const sizes = values.scans.map(Number).toSorted((a, b) => a - b);
const times = Number(values.times);

interface Asked {
  readonly name: string;
  readonly role: Role;
  readonly method?: 'POST';
  /** Of the request with this number. */
  readonly path: (i: number) => string;
  readonly body?: object;
}

const get = (name: string, role: Role, path: string | ((i: number) => string)): Asked => ({
  name,
  role,
  path: typeof path === 'string' ? () => path : path,
});

/** Days of the copies' acquisition, by request. */
const day = (i: number) =>
  new Date(Date.now() - (1 + (i % 3)) * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '');

function questions(seen: { readonly caseId: string; readonly scanId: string }): readonly Asked[] {
  return [
    get('queue, a page', 'supervisor', '/v1/queue?limit=50'),
    get('queue by state', 'supervisor', '/v1/queue?state=queued&limit=50'),
    get('queue counts', 'analyst', '/v1/queue/counts'),
    get('load of the room', 'supervisor', '/v1/load'),
    get('a case', 'supervisor', `/v1/cases/${seen.caseId}`),
    get('scans, a page', 'supervisor', '/v1/scans?limit=50'),
    get(
      'scans by container',
      'supervisor',
      (i) => `/v1/scans?container=MSKU${String(1000 + i * 2).padStart(7, '0')}`,
    ),
    get('scans by state', 'supervisor', '/v1/scans?state=analysed&limit=50'),
    get('a scan', 'supervisor', `/v1/scans/${seen.scanId}`),
    get('the record of a scan', 'supervisor', `/v1/scans/${seen.scanId}/revisions/1/scan.json`),
    get('changes from the start', 'supervisor', '/v1/changes?limit=200'),
    get('holds', 'supervisor', '/v1/holds?limit=50'),
    get('QIDO studies', 'supervisor', '/dicomweb/studies?limit=50'),
    get('QIDO studies of a day', 'supervisor', (i) => `/dicomweb/studies?StudyDate=${day(i)}&limit=50`),
    get(
      'QIDO studies of a container',
      'supervisor',
      (i) => `/dicomweb/studies?PatientID=MSKU${String(1000 + i * 2).padStart(7, '0')}&limit=50`,
    ),
    get(
      'QIDO studies, wildcard',
      'supervisor',
      (i) => `/dicomweb/studies?PatientID=MSKU00010${i % 10}*&limit=50`,
    ),
    get('QIDO series', 'supervisor', '/dicomweb/series?limit=50'),
    get('QIDO instances', 'supervisor', '/dicomweb/instances?limit=50'),
    get('QIDO instances of a day', 'supervisor', (i) => `/dicomweb/instances?StudyDate=${day(i)}&limit=50`),
    { ...get('next case', 'analyst', '/v1/cases/next'), method: 'POST', body: {} },
  ];
}

interface Figure {
  readonly name: string;
  readonly status: number;
  readonly medianMs: number;
  readonly p95Ms: number;
}

const folder = await postgresFolder();
const data = await mkdtemp(join(tmpdir(), 'nii-lists-'));
const server = await openEmbeddedPostgres(join(folder, 'db'), () => undefined, { mayAddUser: true });
const ended = new AbortController();
let running: (RunningService & { readonly service: Service }) | undefined;
try {
  await query(server.url, 'alter system set fsync = off');
  await query(server.url, 'select pg_reload_conf()');
  await query(server.url, 'create database lists');
  const ownerUrl = withDatabase(server.url, 'lists');
  await migrateDatabase(ownerUrl, server.service);
  process.env.NII_WORKERS = '1';
  Object.assign(process.env, {
    NII_DATA: data,
    NII_DATABASE_URL: withLogin(ownerUrl, server.service),
    NII_PORT: '0',
    NII_LOG_LEVEL: 'error',
    NII_ALLOW_ROOT: '1',
  });
  const config = readConfig(process.env);
  const { serve } = await import(new URL('../../dist/src/serve.js', import.meta.url).href);
  const service: RunningService & { readonly service: Service } = await serve(
    config,
    ended.signal,
    'measure',
  );
  running = service;
  const { deps } = service.service;
  await sendSimulated(deps, { keyId: 'measure', role: 'scanner', ...place }, 1);
  const tokens = new Map<Role, string>();
  for (const role of ['supervisor', 'analyst'] as const) {
    const person = (await createPerson(deps, { actor: atCommandLine(place.administration) }, role)).id;
    tokens.set(role, (await issueKey(deps, { roles: [role], ...place, name: role, person })).token);
  }
  let seen: { caseId: string; scanId: string } | undefined;
  for (let turn = 0; seen === undefined; turn += 1) {
    if (turn > MOST_TURNS) throw new Error('the scan did not come into the queue within a minute');
    await wait(250);
    const [row] = await query(ownerUrl, 'select id, scan_id from cases');
    if (row !== undefined) seen = { caseId: String(row.id), scanId: String(row.scan_id) };
  }
  const all: { readonly scans: number; readonly figures: readonly Figure[] }[] = [];
  let held = 1;
  for (const scans of sizes) {
    console.error(`Making ${scans} scans and cases`);
    await multiply(ownerUrl, held, scans);
    held = scans;
    const figures: Figure[] = [];
    for (const asked of questions(seen)) figures.push(await measure(service.address, tokens, asked));
    all.push({ scans, figures });
  }
  if (values.json) console.log(JSON.stringify(all, null, 2));
  else console.table(tableOf(all));
} finally {
  ended.abort();
  await running?.ended;
  await server.stop();
  await rm(folder, { recursive: true, force: true });
  await rm(data, { recursive: true, force: true });
}

async function measure(address: string, tokens: ReadonlyMap<Role, string>, asked: Asked): Promise<Figure> {
  const took: number[] = [];
  let status = 0;
  const headers = { authorization: `Bearer ${tokens.get(asked.role)}`, 'content-type': 'application/json' };
  for (let i = 0; i < times; i += 1) {
    const body = asked.body === undefined ? {} : { body: JSON.stringify(asked.body) };
    const began = performance.now();
    const answer = await fetch(`${address}${asked.path(i)}`, {
      method: asked.method ?? 'GET',
      headers,
      ...body,
    });
    const text = await answer.text();
    took.push(performance.now() - began);
    status = answer.status;
    if (!answer.ok) throw new Error(`${asked.name}: ${answer.status} ${text.slice(0, 200)}`);
    if (asked.method === 'POST') await handBack(address, headers, JSON.parse(text).id);
  }
  took.sort((a, b) => a - b);
  const at = (share: number) => Math.round((took[Math.floor(share * took.length)] ?? Number.NaN) * 10) / 10;
  return { name: asked.name, status, medianMs: at(0.5), p95Ms: at(0.95) };
}

async function handBack(address: string, headers: Record<string, string>, id: string): Promise<void> {
  const body = JSON.stringify({ why: 'the measure draws once more' });
  await fetch(`${address}/v1/cases/${id}/hand-back`, { method: 'POST', headers, body });
}

function tableOf(all: readonly { readonly scans: number; readonly figures: readonly Figure[] }[]) {
  const names = all[0]?.figures.map(({ name }) => name) ?? [];
  return Object.fromEntries(
    names.map((name) => [
      name,
      Object.fromEntries(
        all.flatMap(({ scans, figures }) => {
          const figure = figures.find((one) => one.name === name);
          return [
            [`${scans}: median`, figure?.medianMs],
            [`${scans}: p95`, figure?.p95Ms],
          ];
        }),
      ),
    ]),
  );
}

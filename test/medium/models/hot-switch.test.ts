import { mkdtempSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import type { Role } from '../../../src/core/access.ts';
import type { Analysis } from '../../../src/core/case/finding.ts';
import { createPerson } from '../../../src/features/persons/decide.ts';
import { atCommandLine, issueKey } from '../../../src/features/persons/keys.ts';
import { askModels } from '../../../src/tools/models/ask.ts';
import { addPackage, recordPackage } from '../../../src/tools/models/packages.ts';
import { modelTools, openService } from '../../../src/wiring.ts';
import { eventually, pause } from '../../support/eventually.ts';
import { writePackage } from '../../support/infer/package-folder.ts';
import { postgresFolder } from '../../support/postgres-server.ts';
import { type RunningService, runService } from '../../support/running-service.ts';
import { searchSize } from '../../support/search-size.ts';

/**
 * Versions of a model are switched back and forth while scans come: every scan that was acknowledged is scored by
 * exactly one whole version, and none fails.
 */
const SCANS = searchSize.switchScans;
const SENDERS = 3;
const MODEL = 'a-opacity';
/** What a version gives a scan through which a share passes: this, less the share. */
const ones: Readonly<Record<string, number>> = { 1: 1, 2: 0.9 };
const OPEN_BEAM = 60_000;
const silent = { info: () => {}, warn: () => {}, error: () => {} };

let data: string;
let models: string;
let service: RunningService;
const tokens = new Map<string, string>();

beforeAll(async () => {
  data = await postgresFolder();
  models = mkdtempSync(join(tmpdir(), 'nii-switch-'));
  const own = join(models, 'own');
  const settings = { NII_DATA: data, NII_MODELS_DIR: own, NII_WORKERS: '2' };
  writePackage(join(own, MODEL, '1'), { id: MODEL, one: ones['1']! });
  const candidate = join(models, 'candidate');
  writePackage(candidate, { id: MODEL, version: '2', one: ones['2']! });
  await issueKeys(settings);
  service = await runService(settings);
  await eventually(
    'the service answers',
    180,
    async () => (await fetch(`${service.address}/v1/health/ready`)).ok,
  );
  // added while the service runs
  const tools = modelTools(readConfig(settings));
  await recordPackage(candidate, tools);
  await addPackage(candidate, tools, new Date());
}, 300_000);

afterAll(async () => {
  await service.stop();
  await rm(data, { recursive: true, force: true });
  rmSync(models, { recursive: true });
}, 60_000);

async function issueKeys(settings: Readonly<Record<string, string>>): Promise<void> {
  const { deps, close } = await openService(readConfig(settings), silent);
  try {
    const administration = 'utopia';
    const wanted: readonly (readonly [string, Role])[] = [
      ['ada', 'administrator'],
      ['bob', 'administrator'],
      ['scanner', 'scanner'],
      ['supervisor', 'supervisor'],
    ];
    for (const [name, role] of wanted) {
      const person =
        role === 'scanner'
          ? {}
          : { person: (await createPerson(deps, { actor: atCommandLine(administration) }, name)).id };
      const site = role === 'scanner' ? 'harbour' : '*';
      const { token } = await issueKey(deps, { roles: [role], administration, site, name, ...person });
      tokens.set(name, token);
    }
  } finally {
    await close();
  }
}

/** Every sample the same, another one for each scan: its score says which version gave it. */
const countOf = (serial: number) => 20_000 + serial * 100;

function scanForm(serial: number): FormData {
  const [rows, columns] = [40, 60];
  const header = `${`{'descr': '<u2', 'fortran_order': False, 'shape': (${rows}, ${columns}, 2), }`.padEnd(117)}\n`;
  const samples = new Uint16Array(rows * columns * 2).fill(countOf(serial));
  const npy = Buffer.concat([
    Buffer.from('\x93NUMPY\x01\x00', 'latin1'),
    Buffer.from([118, 0]),
    Buffer.from(header, 'latin1'),
    Buffer.from(samples.buffer),
  ]);
  const channel = (id: string) => ({
    id,
    kind: 'transmission',
    energy: id,
    openBeam: OPEN_BEAM,
    invalidValue: 0,
  });
  const sidecar = {
    niiSidecar: '1.0',
    channels: [channel('high'), channel('low')],
    pixelPitchMm: { row: 11, column: 11 },
  };
  const form = new FormData();
  form.append('file', new Blob([npy]), `scan-${serial}.npy`);
  form.append('file', new Blob([JSON.stringify(sidecar)]), `scan-${serial}.json`);
  return form;
}

async function send(serial: number): Promise<string> {
  const response = await fetch(`${service.address}/v1/scans`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tokens.get('scanner')}` },
    body: scanForm(serial),
  });
  const answer = (await response.json()) as { scans?: readonly { scanId: string }[] };
  expect([response.status, answer.scans?.length]).toEqual([202, 1]);
  return answer.scans![0]!.scanId;
}

const ask = (name: string) =>
  askModels(new URL(`${service.address}/`), tokens.get(name) ?? '', AbortSignal.timeout(300_000));

/** There by two persons, back by one, until the signal. @returns how often */
async function switchUntil(signal: AbortSignal): Promise<number> {
  let switches = 0;
  while (!signal.aborted) {
    await ask('ada').act(MODEL, 'activation', { version: '2' });
    await ask('bob').act(MODEL, 'confirmation', {});
    await pause(400, 'pace');
    await ask('ada').act(MODEL, 'rollback', {});
    await pause(400, 'pace');
    switches += 2;
  }
  return switches;
}

/** What the model said that is switched; the shipped one looks beside it. */
async function analysisOf(scanId: string): Promise<Analysis | undefined> {
  const response = await fetch(`${service.address}/v1/scans/${scanId}/revisions/latest`, {
    headers: { authorization: `Bearer ${tokens.get('supervisor')}` },
  });
  const { analyses = [] } = (await response.json()) as { analyses?: readonly Analysis[] };
  const own = analyses.filter(({ model }) => model.id === MODEL);
  expect(own.length).toBeLessThanOrEqual(1);
  return own[0];
}

test('no scan is lost or scored by a half-loaded version while versions are switched under load', async () => {
  const sent = new Map<number, string>();
  const done = new AbortController();
  const switching = switchUntil(done.signal);
  let next = 0;
  const sender = async () => {
    for (let serial = next++; serial < SCANS; serial = next++) sent.set(serial, await send(serial));
  };
  try {
    await Promise.all(Array.from({ length: SENDERS }, sender));
    await eventually('every scan is analysed', 300, async () => {
      for (const scanId of sent.values()) if ((await analysisOf(scanId)) === undefined) return false;
      return true;
    });
  } finally {
    done.abort();
  }
  const switches = await switching;
  const byVersion: Record<string, number> = {};
  const wrong: string[] = [];
  for (const [serial, scanId] of sent) {
    const analysis = await analysisOf(scanId);
    const { version } = analysis!.model;
    byVersion[version] = (byVersion[version] ?? 0) + 1;
    const expected = (ones[version] ?? Number.NaN) - countOf(serial) / OPEN_BEAM;
    const score = analysis!.units[0]?.score ?? Number.NaN;
    const isWhole = analysis!.status === 'analysed' && Math.abs(score - expected) < 1e-4;
    if (!isWhole)
      wrong.push(`${serial}: ${analysis!.status} ${analysis!.reason} ${version} ${score}, not ${expected}`);
  }
  console.log(JSON.stringify({ scans: sent.size, switches, byVersion, wrong: wrong.length }));
  expect(wrong).toEqual([]);
  expect(sent.size).toBe(SCANS);
  expect((byVersion['1'] ?? 0) + (byVersion['2'] ?? 0)).toBe(SCANS);
  expect(Math.min(byVersion['1'] ?? 0, byVersion['2'] ?? 0)).toBeGreaterThan(0);
  expect(switches).toBeGreaterThan(3);
}, 900_000);

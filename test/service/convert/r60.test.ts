import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runConverter } from '../../../src/convert/run.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import { channelsOf } from '../../../src/core/scan/scan.ts';
import { hasPython } from '../../support/dicom-tools.ts';
import { railScans } from '../../support/inputs/rail-scans.ts';
import {
  converterOf,
  type NamedBytes,
  onlyGroup,
  sha256,
  stage,
  temporaryFolder,
  toConvert,
} from '../../support/staging.ts';

const folder = temporaryFolder();
const scans = railScans(folder);

async function convert(files: readonly NamedBytes[]) {
  const group = onlyGroup(stage(folder, files));
  const workDir = mkdtempSync(join(folder, 'w-'));
  return runConverter({
    converter: converterOf(group),
    files: toConvert(group),
    workDir,
    limits: defaultLimits,
  });
}

/** The second implementation: NumPy itself. */
function byNumpy(path: string): readonly { readonly shape: readonly number[]; readonly sha256: string }[] {
  const script = `
import sys, json, hashlib, numpy as np
a = np.load(sys.argv[1])
print(json.dumps([{'shape': a.shape[:2], 'sha256': hashlib.sha256(np.ascontiguousarray(a[:, :, k]).tobytes()).hexdigest()} for k in range(a.shape[2])]))`;
  return JSON.parse(execFileSync('/usr/bin/python3', ['-c', script, path], { encoding: 'utf8' }));
}

it.runIf(hasPython('numpy')).each(scans)(
  'the rail scan $name keeps every sample of both channels',
  async ({ name, bytes, path }) => {
    const { scan, planes } = await convert([{ name: `${name}.npy`, bytes }]);
    const expected = byNumpy(path);
    const channels = channelsOf(scan);
    expect(
      channels.map(({ channel }) => ({ shape: [channel.rows, channel.columns], sha256: channel.sha256 })),
    ).toEqual(expected);
    expect(channels.map(({ key }) => sha256(planes.get(key)!))).toEqual(expected.map((one) => one.sha256));
    expect(scan.completeness).toBe('incomplete');
  },
);

/** Names the channels of the array beside it, in their order. */
function sidecar(energies: readonly ('high' | 'low')[], pitchMm: number): NamedBytes {
  const channels = energies.map((energy) => ({ id: energy, kind: 'transmission', energy, invalidValue: 0 }));
  const content = { niiSidecar: '1.0', channels, pixelPitchMm: { row: pitchMm, column: pitchMm } };
  return { name: 'a.json', bytes: new Uint8Array(Buffer.from(JSON.stringify(content))) };
}

it.each(scans)('$name with a sidecar is a dual-energy scan whose oddities are said', async (rail) => {
  const files = [sidecar(['high', 'low'], rail.pitchMm), { name: 'a.npy', bytes: rail.bytes }];
  const { scan } = await convert(files);
  expect(scan.completeness).toBe('no-material');
  const codes = scan.warnings.map(({ code, field }) => `${code} ${field}`);
  expect(codes).toContain('NII_W_INVALID_IS_OPAQUE main-high');
  expect(codes).toContain('NII_W_DEAD_ROWS main-low');
  expect(codes.join()).not.toContain('NII_W_ENERGY_ORDER');
});

it.each(scans)('energies of $name that were exchanged are noticed', async (rail) => {
  const files = [sidecar(['low', 'high'], rail.pitchMm), { name: 'a.npy', bytes: rail.bytes }];
  const { scan } = await convert(files);
  expect(scan.warnings.map(({ code }) => code)).toContain('NII_W_ENERGY_ORDER');
});

import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runConverter } from '../../../src/convert/run.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import { channelsOf } from '../../../src/core/scan/scan.ts';
import { hasSharedData, readShared, sharedPath } from '../../support/shared-data.ts';
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
const here = hasSharedData('r60');

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

it.runIf(here).each(['scan-a', 'scan-b'])('real R60 %s keeps every sample of both channels', async (name) => {
  const { scan, planes } = await convert([{ name: `${name}.npy`, bytes: readShared(`r60/${name}.npy`) }]);
  const expected = byNumpy(sharedPath(`r60/${name}.npy`));
  const channels = channelsOf(scan);
  expect(
    channels.map(({ channel }) => ({ shape: [channel.rows, channel.columns], sha256: channel.sha256 })),
  ).toEqual(expected);
  expect(channels.map(({ key }) => sha256(planes.get(key)!))).toEqual(expected.map((one) => one.sha256));
  expect(scan.completeness).toBe('incomplete');
});

it.runIf(here)('with a sidecar it is a dual-energy scan whose oddities are said', async () => {
  const sidecar = {
    niiSidecar: '1.0',
    channels: ['high', 'low'].map((energy) => ({
      id: energy,
      kind: 'transmission',
      energy,
      invalidValue: 0,
    })),
    pixelPitchMm: { row: 4.2, column: 4.2 },
  };
  const { scan } = await convert([
    { name: 'a.json', bytes: new Uint8Array(Buffer.from(JSON.stringify(sidecar))) },
    { name: 'a.npy', bytes: readShared('r60/scan-a.npy') },
  ]);
  expect(scan.completeness).toBe('no-material');
  const codes = scan.warnings.map(({ code, field }) => `${code} ${field}`);
  expect(codes).toContain('NII_W_INVALID_SAMPLES main-high');
  expect(codes).toContain('NII_W_DEAD_ROWS main-low');
  expect(codes.join()).not.toContain('NII_W_ENERGY_ORDER');
});

it.runIf(here)('energies that were exchanged are noticed', async () => {
  const energies = ['low', 'high'] as const;
  const sidecar = {
    niiSidecar: '1.0',
    channels: energies.map((energy) => ({ id: energy, kind: 'transmission', energy, invalidValue: 0 })),
  };
  for (const name of ['scan-a', 'scan-b']) {
    const { scan } = await convert([
      { name: 'a.json', bytes: new Uint8Array(Buffer.from(JSON.stringify(sidecar))) },
      { name: 'a.npy', bytes: readShared(`r60/${name}.npy`) },
    ]);
    expect(scan.warnings.map(({ code }) => code)).toContain('NII_W_ENERGY_ORDER');
  }
});

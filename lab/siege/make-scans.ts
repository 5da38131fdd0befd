import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { program } from '../../test/support/running-service.ts';

export interface MadeScan {
  readonly name: string;
  readonly files: readonly string[];
}

const layouts = ['nuctech-fs6000', 'numpy', 'ase'] as const;
/** Processes of `nii simulate` at a time. */
const AT_ONCE = 2;

/** Simulated scans, no two alike, made before anything is measured. */
export async function makeScans(
  folder: string,
  count: number,
  tell: (done: number) => void,
): Promise<readonly MadeScan[]> {
  const scans: MadeScan[] = [];
  let begun = 0;
  const work = async () => {
    while (begun < count) {
      begun += 1;
      scans.push(await makeScan(folder, begun));
      tell(scans.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return scans;
}

async function makeScan(folder: string, seed: number): Promise<MadeScan> {
  const layout = layouts[seed % layouts.length] ?? 'numpy';
  const name = `scan-${seed}`;
  const out = path.join(folder, name);
  const args = ['simulate', '--seed', String(seed), '--layout', layout, '--out', out];
  await promisify(execFile)(process.execPath, [...program, ...args]);
  const files = await readdir(out, { recursive: true, withFileTypes: true });
  return {
    name,
    files: files.filter((one) => one.isFile()).map((one) => path.join(one.parentPath, one.name)),
  };
}

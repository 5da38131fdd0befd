import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../staging.ts';
import type { World } from '../world.ts';

/** What `nii convert --format raw` made of one file: samples, neither samples nor an error, or an error code. */
export interface ConvertedRaw {
  readonly code: number;
  readonly refusal?: string;
  readonly sha256?: string;
  /** Place of the one raw file. */
  readonly raw?: string;
}

/** @throws where one file becomes several */
export async function convertToRaw(
  { nii }: Pick<World, 'nii'>,
  path: string,
  folder: string,
): Promise<ConvertedRaw> {
  const out = mkdtempSync(join(folder, 'out-'));
  const ran = await nii('convert', path, '--out', out, '--format', 'raw', '--json');
  const answer = JSON.parse(ran.out);
  const refusal = answer.refused[0]?.problem.code;
  const [file, ...others] = answer.scans[0]?.files ?? [];
  if (others.length > 0) throw new Error(`${path} has become ${others.length + 1} files`);
  if (file === undefined) return { code: ran.code, ...(refusal === undefined ? {} : { refusal }) };
  const raw = join(out, file.name);
  return { code: ran.code, sha256: sha256(readFileSync(raw)), raw };
}

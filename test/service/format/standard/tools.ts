import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';

/** DCMTK and dicom3tools over many files a process, so that a test of everything stays short. */
const filesAtOnce = 40;
const outputCeiling = 1 << 30;

function inBatches(paths: readonly string[]): readonly (readonly string[])[] {
  const count = Math.ceil(paths.length / filesAtOnce);
  return Array.from({ length: count }, (_, i) => paths.slice(i * filesAtOnce, (i + 1) * filesAtOnce));
}

/** Lines of dcmftest and dcmdump that complain. */
export function dcmtkComplaints(paths: readonly string[]): readonly string[] {
  return inBatches(paths).flatMap((batch) => {
    const ftest = spawnSync('dcmftest', [...batch], { encoding: 'utf8' });
    const dump = spawnSync('dcmdump', ['-q', '+E', ...batch], { encoding: 'utf8', maxBuffer: outputCeiling });
    const said = spawnSync('dcmdump', [...batch], { encoding: 'utf8', maxBuffer: outputCeiling });
    return [
      ...ftest.stdout.split('\n').filter((line) => line.startsWith('no:')),
      ...(dump.status === 0 ? [] : [`dcmdump ended with ${dump.status}`]),
      ...said.stderr.split('\n').filter((line) => /^[EF]: /.test(line)),
    ];
  });
}

/** Copies in a folder of their own, changed by dcmodify. */
export function modified(
  paths: readonly string[],
  folder: string,
  args: readonly string[],
): readonly string[] {
  mkdirSync(folder, { recursive: true });
  const copies = paths.map((path) => join(folder, basename(path)));
  for (const [i, path] of paths.entries()) copyFileSync(path, copies[i] ?? '');
  for (const batch of inBatches(copies)) execFileSync('dcmodify', ['-nb', '-imt', ...args, ...batch]);
  return copies;
}

const pixelTags = ['(7fe0,0008)', '(7fe0,0009)', '(7fe0,0010)'];

export interface DcmtkElement {
  readonly vr: string;
  readonly Value?: readonly unknown[];
  readonly InlineBinary?: string;
}
export type DcmtkJson = Readonly<Record<string, DcmtkElement>>;

/** What dcm2json reads in copies without pixel data. */
export function dcm2jsonWithoutPixels(paths: readonly string[], folder: string): readonly DcmtkJson[] {
  const copies = modified(
    paths,
    folder,
    pixelTags.flatMap((tag) => ['-ea', tag]),
  );
  return copies.map((path) =>
    JSON.parse(execFileSync('dcm2json', [path], { encoding: 'utf8', maxBuffer: outputCeiling })),
  );
}

/** Error lines of dciodvfy, the byte counts in them left out. */
export function dciodvfyErrors(path: string): readonly string[] {
  const { stderr, stdout } = spawnSync('dciodvfy', [path], { encoding: 'utf8', maxBuffer: outputCeiling });
  return `${stderr}\n${stdout}`.split('\n').filter((line) => line.startsWith('Error'));
}

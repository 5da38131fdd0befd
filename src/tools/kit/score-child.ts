import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { planeFile, RECORD_FILE } from '../../convert/child.ts';
import { type FileToConvert, runInProcess } from '../../convert/in-process.ts';
import { type Problem, problemOf } from '../../core/errors.ts';
import type { Limits } from '../../core/limits.ts';
import { type ConverterPackage, loadPackage } from '../../recognise/registry.ts';

/** One conversion; what comes of it is written into `workDir`. */
export interface ScoreTask {
  readonly id: number;
  readonly folder: string;
  readonly files: readonly FileToConvert[];
  readonly workDir: string;
  readonly limits: Limits;
}

export type ScoreAnswer =
  | { readonly id: number; readonly kind: 'done' }
  | { readonly id: number; readonly kind: 'problem'; readonly problem: Problem };

const loaded = new Map<string, Promise<ConverterPackage>>();

function packageIn(folder: string): Promise<ConverterPackage> {
  const found = loaded.get(folder) ?? loadPackage(folder);
  loaded.set(folder, found);
  return found;
}

async function convert({ id, folder, files, workDir, limits }: ScoreTask): Promise<ScoreAnswer> {
  try {
    const { scan, planes } = await runInProcess({ converter: await packageIn(folder), files, limits });
    for (const [key, plane] of planes) await writeFile(join(workDir, planeFile(key)), plane, { flag: 'wx' });
    await writeFile(join(workDir, RECORD_FILE), JSON.stringify(scan), { flag: 'wx' });
    return { id, kind: 'done' };
  } catch (error) {
    return { id, kind: 'problem', problem: problemOf(error) };
  }
}

/** Only where a parent listens: importing this module for its types starts nothing. */
if (process.send !== undefined && process.env.NII_SCORE_CHILD === '1') {
  // A signal to the whole group is for the parent, which stops scoring and ends this process
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => {});
  process.once('disconnect', () => process.exit());
  process.on('message', (task: ScoreTask) => {
    void convert(task).then((answer) => process.send?.(answer));
  });
}

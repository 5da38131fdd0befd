import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Problem, problemOf } from '../core/errors.ts';
import type { Limits } from '../core/limits.ts';
import { type FileToConvert, runInProcess } from './in-process.ts';
import { loadPackage } from './registry.ts';

/** What the parent asks of the child process: one conversion, planes and record into a folder. */
export interface ChildTask {
  readonly folder: string;
  readonly files: readonly FileToConvert[];
  readonly workDir: string;
  readonly limits: Limits;
}

/** The record with the file of each plane, or why there is none. */
export type ChildAnswer = { readonly kind: 'done' } | { readonly kind: 'problem'; readonly problem: Problem };

export const RECORD_FILE = 'record.json';

/** Name of the file that holds a plane; keys are lower-case letters, digits and hyphens by the schema. */
export function planeFile(key: string): string {
  return `${key}.raw`;
}

async function convert({ folder, files, workDir, limits }: ChildTask): Promise<ChildAnswer> {
  try {
    const { scan, planes } = await runInProcess({ converter: await loadPackage(folder), files, limits });
    for (const [key, plane] of planes) await writeFile(join(workDir, planeFile(key)), plane, { flag: 'wx' });
    await writeFile(join(workDir, RECORD_FILE), JSON.stringify(scan), { flag: 'wx' });
    return { kind: 'done' };
  } catch (error) {
    return { kind: 'problem', problem: problemOf(error) };
  }
}

/** Only where a parent listens: importing this module for its types starts nothing. */
if (process.send !== undefined && process.env.NII_CONVERT_CHILD === '1') {
  // A signal to the whole group is for the worker: it finishes this conversion, or ends it by disconnecting
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
  process.once('disconnect', () => process.exit()); // nobody waits for the answer any more
  process.once('message', (task: ChildTask) => {
    void convert(task).then((answer) => process.send?.(answer, undefined, {}, () => process.disconnect()));
  });
}

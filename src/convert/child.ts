import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openPlaneFile, type PlaneFile, writePlaneFile } from '../codec/plane-file.ts';
import { type Problem, problemOf } from '../core/errors.ts';
import type { Limits } from '../core/limits.ts';
import { checkScan } from '../core/scan/check-scan.ts';
import { type PlaneSources, planesInMemory } from '../core/scan/plane-source.ts';
import { loadPackage } from '../recognise/registry.ts';
import type { Converted } from '../sdk/sdk.ts';
import { finish } from './finish.ts';
import { type FileToConvert, withReading } from './in-process.ts';

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
    const converter = await loadPackage(folder);
    const pathOf = (key: string) => join(workDir, planeFile(key));
    const scan = await withReading({ converter, files, limits }, ({ converted, warnings }) =>
      withPlaneFiles(converted, pathOf, (planes) => {
        const record = finish(converted, planes, warnings, converter.manifest, files);
        return checkScan({ scan: record, planes }, limits).scan;
      }),
    );
    await writeFile(join(workDir, RECORD_FILE), JSON.stringify(scan), { flag: 'wx' });
    return { kind: 'done' };
  } catch (error) {
    return { kind: 'problem', problem: problemOf(error) };
  }
}

/** Writes every plane into its file; those that come in pieces are measured from there. */
function withPlaneFiles<T>(
  { planes, streams = new Map() }: Converted,
  pathOf: (key: string) => string,
  use: (planes: PlaneSources) => T,
): T {
  const opened: PlaneFile[] = [];
  try {
    for (const [key, plane] of planes) writePlaneFile(pathOf(key), [plane]);
    const sources = new Map(planesInMemory(planes));
    for (const [key, stream] of streams) {
      writePlaneFile(pathOf(key), stream.pieces());
      const file = openPlaneFile(pathOf(key));
      opened.push(file);
      sources.set(key, file);
    }
    return use(sources);
  } finally {
    for (const file of opened) file.close();
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

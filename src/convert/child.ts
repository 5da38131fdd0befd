import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openPlaneFile, type PlaneFile, writePlaneFile } from '../codec/plane-file.ts';
import { checkScan } from '../core/scan/check-scan.ts';
import { type PlaneSources, planesInMemory } from '../core/scan/plane-source.ts';
import { compiledBeside } from '../recognise/compiled-readers.ts';
import { type ConverterPackage, loadPackage } from '../recognise/registry.ts';
import { answerParent } from '../runtime/children/answer-parent.ts';
import type { Converted } from '../sdk/sdk.ts';
import { CONVERTED, type ConversionTask, planeFile, RECORD_FILE } from './conversion-task.ts';
import { finish } from './finish.ts';
import { type OnDecode, withReading } from './in-process.ts';

/** The process that runs converters: what it is asked comes from convert-in-child.ts. */

const compiled = compiledBeside(process.argv);
const loaded = new Map<string, Promise<ConverterPackage>>();

/** A package is loaded once, though it converts more than once. */
function packageIn(folder: string): Promise<ConverterPackage> {
  const found = loaded.get(folder) ?? loadPackage(folder, compiled);
  loaded.set(folder, found);
  return found;
}

async function convert(task: ConversionTask, onDecode: OnDecode): Promise<string> {
  const { folder, files, workDir, limits } = task;
  const converter = await packageIn(folder);
  const pathOf = (key: string) => join(workDir, planeFile(key));
  const scan = await withReading(
    { converter, files, limits },
    ({ converted, warnings }) =>
      withPlaneFiles(converted, pathOf, (planes) => {
        const record = finish(converted, planes, warnings, converter.manifest, files);
        return checkScan({ scan: record, planes }, limits).scan;
      }),
    onDecode,
  );
  await writeFile(join(workDir, RECORD_FILE), JSON.stringify(scan), { flag: 'wx' });
  return CONVERTED;
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

answerParent((task, progress) => convert(task as ConversionTask, progress)); // our own parent sends it

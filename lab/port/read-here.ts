/**
 * Reads and converts in this process. A child process for each sender, as the service has it, takes most of the time of a
 * history, and no file here harms its reader.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writePlaneFile } from '../../src/codec/plane-file.ts';
import { CONVERTED, type ConversionTask, planeFile, RECORD_FILE } from '../../src/convert/conversion-task.ts';
import type { ReadyConverters } from '../../src/convert/convert-in-child.ts';
import { runInProcess } from '../../src/convert/in-process.ts';
import type { Reader } from '../../src/parsing/reader.ts';
import { doReading } from '../../src/parsing/work/works.ts';
import type { ConverterPackage } from '../../src/recognise/registry.ts';

type Child = Awaited<ReturnType<ReadyConverters['take']>>;

async function convert(
  converter: ConverterPackage,
  { files, workDir, limits }: ConversionTask,
): Promise<void> {
  const { scan, planes } = await runInProcess({ converter, files, limits });
  for (const [key, plane] of planes) writePlaneFile(join(workDir, planeFile(key)), [plane]);
  await writeFile(join(workDir, RECORD_FILE), JSON.stringify(scan), { flag: 'wx' });
}

function childFor(converter: ConverterPackage): Child {
  const call: Child['call'] = async ({ task, read }) => {
    await convert(converter, task as ConversionTask); // as convert-in-child.ts makes it
    const value = read(CONVERTED);
    if (value === undefined) throw new Error('a conversion is not answered as it was');
    return value;
  };
  // the class stands for a child process; there is none here, and conversions only call this method
  return { call, room: undefined } as Child;
}

export const convertHere: ReadyConverters = {
  take: async (converter) => childFor(converter),
  release: async () => {},
  prepare: () => {},
  close: async () => {},
};

export const readHere: Reader = {
  async read(kind, { prepare, take }) {
    const folder = await mkdtemp(join(tmpdir(), 'nii-port-'));
    const desk = { input: join(folder, 'input'), output: join(folder, 'output') };
    try {
      await mkdir(desk.input);
      await mkdir(desk.output);
      const result = kind.check(await doReading({ kind: kind.name, task: await prepare(desk) }));
      if (result === undefined) throw new Error('a reading is not answered as its kind says');
      return await take(result, desk);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

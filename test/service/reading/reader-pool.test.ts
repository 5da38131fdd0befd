import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import Type from 'typebox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultLimits } from '../../../src/core/limits.ts';
import { LeftFile } from '../../../src/parsing/left-file.ts';
import { ReaderPool } from '../../../src/parsing/reader-pool.ts';
import { type Purpose, taskKind } from '../../../src/parsing/task-kind.ts';
import { bundleOfTest } from '../../support/bundle-of-test.ts';
import { eventually } from '../../support/eventually.ts';
import { temporaryFolder } from '../../support/staging.ts';
import type { Misdeed } from './misbehaving-child.ts';

const stagingDir = temporaryFolder();
const MiB = 1024 * 1024;
/** Long for a process that answers, on a busy machine. */
const SOON_SECONDS = 30;

let reader: ReaderPool;
beforeAll(async () => {
  const program = await bundleOfTest('test/service/reading/misbehaving-child.ts');
  reader = new ReaderPool({
    limits: { ...defaultLimits, convertBytes: 256 * MiB },
    stagingDir,
    log: { info: () => {}, warn: () => {}, error: () => {} },
    program,
  });
});
afterAll(() => reader.close());

type Work = Misdeed & { readonly folder: string };
const kindFor = (purpose: Purpose) => taskKind<Work>('misdeed', purpose).answers(Type.Null());
const misdeed = kindFor('view');

let subjects = 0;
const newSubject = () => `file ${subjects++}`;

/** What came of it: the text of the file that was left, or the code of the failure. */
function outcome(
  task: Misdeed,
  { caller = 'a', seconds = SOON_SECONDS, kind = misdeed, subject = newSubject(), onBegin = () => {} } = {},
): Promise<string> {
  const reading = reader.read(kind, {
    caller,
    subject,
    seconds,
    prepare: async ({ output }) => {
      onBegin();
      return { ...task, folder: output };
    },
    take: async (_, { output }) => textOf(await LeftFile.open(output, 'left')),
  });
  return reading.catch((error: { readonly code?: string; readonly message: string }) => {
    return error.code ?? error.message;
  });
}

async function textOf(file: LeftFile): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of file.stream()) pieces.push(piece);
  await file.close();
  return Buffer.concat(pieces).toString();
}

describe('a reader', () => {
  test('leaves a file, which is read though its folder is gone', async () => {
    expect(await outcome({ does: 'nothing' })).toBe('left behind');
  });

  test.each([
    ['takes too long', { does: 'spin' }, 1, 'NII_LIMIT_TIME'],
    ['takes too much memory', { does: 'eat', bytes: 1024 * MiB }, SOON_SECONDS, 'NII_LIMIT_MEMORY'],
    ['dies', { does: 'die' }, SOON_SECONDS, 'NII_READER_CRASHED'],
    ['answers what nobody asked', { does: 'answer', value: { x: 1 } }, SOON_SECONDS, 'NII_READER_CRASHED'],
    ['leaves no file', { does: 'answer', value: null }, SOON_SECONDS, 'NII_READER_CRASHED'],
    ['leaves a link to a file of the service', { does: 'link' }, SOON_SECONDS, 'NII_READER_CRASHED'],
    ['leaves a folder in place of a file', { does: 'folder' }, SOON_SECONDS, 'NII_READER_CRASHED'],
  ] as const)('that %s is ended by code, and the next one reads', async (_, task, seconds, code) => {
    expect(await outcome(task, { seconds })).toBe(code);
    expect(await outcome({ does: 'nothing' })).toBe('left behind');
  });

  test('that hangs holds up nobody else', async () => {
    const hanging = Array.from({ length: 4 }, () => outcome({ does: 'hang' }, { caller: 'a', seconds: 4 }));
    expect(await outcome({ does: 'nothing' }, { caller: 'b' })).toBe('left behind');
    expect(await Promise.all(hanging)).toEqual(Array(4).fill('NII_LIMIT_TIME'));
  });

  test.each([
    ['too long', { does: 'hang' }, 1, 'NII_LIMIT_TIME'],
    ['too much memory', { does: 'eat', bytes: 1024 * MiB }, SOON_SECONDS, 'NII_LIMIT_MEMORY'],
    ['its own life', { does: 'die' }, SOON_SECONDS, 'NII_READER_CRASHED'],
  ] as const)(
    'that a file costs %s ends once: the next reading of it is rejected at once, for any caller',
    async (_, task, seconds, code) => {
      const subject = newSubject();
      expect(await outcome(task, { seconds, subject, caller: 'a' })).toBe(code);
      expect(await outcome({ does: 'nothing' }, { subject, caller: 'b' })).toBe(code);
      expect(await outcome({ does: 'nothing' }, { subject, caller: 'b', kind: kindFor('upload') })).toBe(
        code,
      );
      expect(await outcome({ does: 'nothing' }, { caller: 'b' })).toBe('left behind');
    },
  );

  test('that hangs on a picture holds up no upload, however many callers look at it', async () => {
    const callers = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    let hanging = callers.length;
    const all = callers.map((caller) =>
      outcome({ does: 'hang' }, { caller, seconds: 2 }).finally(() => {
        hanging -= 1;
      }),
    );
    expect(await outcome({ does: 'nothing' }, { caller: 'z', kind: kindFor('upload') })).toBe('left behind');
    expect(hanging).toBeGreaterThan(0);
    expect(await Promise.all(all)).toEqual(callers.map(() => 'NII_LIMIT_TIME'));
  });

  test('draws what it drew in no time before among the quick ones, though it takes longer on a busy machine', async () => {
    const [known, unknown] = [newSubject(), newSubject()];
    expect(await outcome({ does: 'nothing' }, { caller: 'good', subject: known })).toBe('left behind');
    const ended: string[] = [];
    const places = Math.max(2, availableParallelism());
    let begun = 0;
    const hanging = Array.from({ length: places }, async (_, i) => {
      // longer than a loaded machine takes to draw the known one
      await outcome({ does: 'hang' }, { caller: `hanging ${i}`, seconds: 9, onBegin: () => (begun += 1) });
      ended.push('hanging');
    });
    await eventually(
      'each hangs among the slow ones, after its quick try',
      SOON_SECONDS,
      () => begun === 2 * places,
    );
    for (const [name, subject] of Object.entries({ known, unknown })) {
      expect(await outcome({ does: 'dawdle' }, { caller: 'good', subject, seconds: 5 })).toBe('left behind');
      ended.push(name);
    }
    await Promise.all(hanging);
    expect(ended[0]).toBe('known');
    expect(ended.indexOf('unknown')).toBeGreaterThan(1);
  });

  test('serves the others first once a caller has had three timeouts in a row', async () => {
    for (let i = 0; i < 3; i += 1)
      expect(await outcome({ does: 'hang' }, { caller: 'slow', seconds: 0.5 })).toBe('NII_LIMIT_TIME');
    const order: string[] = [];
    const read = async (caller: string, task: Misdeed, seconds: number) => {
      await outcome(task, { caller, seconds });
      order.push(caller);
    };
    const fillers = Array.from({ length: Math.max(2, availableParallelism()) }, (_, i) =>
      read(`filler ${i}`, { does: 'hang' }, 2),
    );
    const waiting = [
      read('slow', { does: 'nothing' }, SOON_SECONDS),
      read('x', { does: 'nothing' }, SOON_SECONDS),
      read('y', { does: 'nothing' }, SOON_SECONDS),
    ];
    await Promise.all([...fillers, ...waiting]);
    expect(order.indexOf('slow')).toBeGreaterThan(order.indexOf('x'));
  });

  /** Folders of the reader that does each of these for one caller, and the files that it finds there. */
  async function roomsOf(caller: string, tasks: readonly Misdeed[]) {
    const seen: { readonly folder: string; readonly files: readonly string[] }[] = [];
    for (const task of tasks)
      await reader.read(misdeed, {
        caller,
        subject: newSubject(),
        seconds: SOON_SECONDS,
        prepare: async ({ input, output }) => {
          seen.push({ folder: output, files: [...readdirSync(input), ...readdirSync(output)] });
          return { ...task, folder: output };
        },
        take: async () => undefined,
      });
    return seen;
  }

  test('that reads again finds its room empty', async () => {
    const [first, second] = await roomsOf('again', [{ does: 'nothing' }, { does: 'nothing' }]);
    expect(second).toEqual({ folder: first?.folder, files: [] });
  });

  test('that took much memory reads no more: another one does', async () => {
    const swell = { does: 'swell', bytes: 160 * MiB } as const;
    const [first, second] = await roomsOf('large', [swell, { does: 'nothing' }]);
    expect(second?.folder).not.toBe(first?.folder);
  });
});

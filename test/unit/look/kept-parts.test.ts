import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PARTS_FILE } from '../../../src/parsing/kinds/dicom.ts';
import { InstanceParts } from '../../../src/queries/dicomweb/instance-parts.ts';
import { KeptParts } from '../../../src/queries/dicomweb/kept-parts.ts';

let kept: KeptParts;
let made = 0;
beforeEach(() => {
  kept = new KeptParts();
  made = 0;
});
afterEach(() => kept.close());

/** As a reader leaves them: the folder is gone when they are read. */
async function make(text: string): Promise<InstanceParts> {
  made += 1;
  const folder = await mkdtemp(join(tmpdir(), 'nii-parts-'));
  await writeFile(join(folder, PARTS_FILE), text);
  const parts = await InstanceParts.open(folder, { parts: [text.length], transferSyntax: '1.2' });
  await rm(folder, { recursive: true });
  return parts;
}

async function textOf(parts: InstanceParts): Promise<string> {
  let text = '';
  for await (const piece of parts.closing(0)) text += Buffer.from(piece).toString();
  return text;
}

const ask = (caller: string, asked: object, text = 'samples') =>
  kept.get({ caller, asked }, () => make(text));

test('the same question of the same caller is made once, however often it is asked', async () => {
  const answers = [await ask('a', ['x']), await ask('a', ['x']), ...(await Promise.all([ask('a', ['x'])]))];
  expect(await Promise.all(answers.map(textOf))).toEqual(['samples', 'samples', 'samples']);
  expect(made).toBe(1);
  expect(await textOf(await ask('a', ['y'], 'others'))).toBe('others');
  expect(made).toBe(2);
});

test('two who ask at once wait for one', async () => {
  const answers = await Promise.all([ask('a', ['x']), ask('a', ['x'])]);
  expect(made).toBe(1);
  expect(await Promise.all(answers.map(textOf))).toEqual(['samples', 'samples']);
});

test('nobody is answered with what was made for another caller', async () => {
  expect(await textOf(await ask('a', ['x'], 'of a'))).toBe('of a');
  expect(await textOf(await ask('b', ['x'], 'of b'))).toBe('of b');
});

test('what failed is tried again', async () => {
  const failing = kept.get({ caller: 'a', asked: ['x'] }, () => Promise.reject(new Error('no reader')));
  await expect(failing).rejects.toThrow('no reader');
  expect(await textOf(await ask('a', ['x']))).toBe('samples');
});

test('of more than may be kept the longest unused goes, and is still read to its end by who has it', async () => {
  const first = await ask('a', [0], 'the first');
  for (let i = 1; i <= 256; i += 1) await (await ask('a', [i])).close();
  await (await ask('a', [1])).close();
  expect(made).toBe(257);
  expect(await textOf(first)).toBe('the first');
  await (await ask('a', [0], 'again')).close();
  expect(made).toBe(258);
});

test('after it was closed nothing is open but what is being read', async () => {
  const reading = await ask('a', ['x']);
  const idle = await ask('a', ['y']);
  await idle.close();
  await kept.close();
  expect(await textOf(reading)).toBe('samples');
  await expect(textOf(idle)).rejects.toThrow();
});

test('parts that are given up before the first piece are closed', async () => {
  const parts = await make('samples');
  await parts.closing(0)[Symbol.asyncIterator]().return?.();
  await expect(textOf(parts)).rejects.toThrow();
});

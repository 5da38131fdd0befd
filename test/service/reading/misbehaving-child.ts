import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answerParent } from '../../../src/runtime/children/answer-parent.ts';

/** What a reader that a file has taken over might do. */
export type Misdeed =
  | { readonly does: 'spin' | 'hang' | 'die' | 'link' | 'folder' | 'nothing' | 'dawdle' }
  | { readonly does: 'eat' | 'swell'; readonly bytes: number }
  | { readonly does: 'answer'; readonly value: unknown };

interface Order {
  readonly task: Misdeed & { readonly folder: string };
}

/** More than an unknown quick view may take, and less than one that was quick before. */
const DAWDLES_MS = 1000;

const hoard: Buffer[] = [];

function hold(most: number): void {
  for (let bytes = 0; bytes < most; bytes += 2 ** 24) hoard.push(Buffer.alloc(2 ** 24, 1));
}

function leave(folder: string): null {
  writeFileSync(join(folder, 'left'), 'left behind');
  return null;
}

answerParent(async (order) => {
  const { task } = order as Order;
  switch (task.does) {
    case 'spin':
      for (;;);
    case 'hang':
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); // as a spin, without the processor of other tests
      return null;
    case 'die':
      return process.abort();
    case 'eat':
      hold(task.bytes);
      for (;;);
    case 'swell':
      hold(task.bytes);
      return null;
    case 'link':
      return symlinkSync('/etc/hostname', join(task.folder, 'left')) ?? null;
    case 'folder':
      return mkdirSync(join(task.folder, 'left')) ?? null;
    case 'dawdle':
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, DAWDLES_MS);
      return leave(task.folder);
    case 'nothing':
      return leave(task.folder);
    case 'answer':
      return task.value;
  }
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { doReading } from '../../../src/parsing/work/works.ts';
import { answerParent } from '../../../src/runtime/children/answer-parent.ts';
import { HANGS, NEVER_ENDS } from '../../support/inputs/never-ends.ts';

/** A reader whose decoder never ends on a picture that bears the mark; everything else it reads as the real one does. */

interface Order {
  readonly kind: string;
  readonly task: { readonly desk: { readonly input: string } };
}

answerParent(async (order) => {
  const { kind, task } = order as Order;
  const isMarked = (mark: string) =>
    kind === 'dicom' &&
    readdirSync(task.desk.input).some((file) => readFileSync(join(task.desk.input, file)).includes(mark));
  if (isMarked(NEVER_ENDS)) for (;;);
  if (isMarked(HANGS)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  return doReading(order);
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { doReading } from '../../../src/parsing/work/works.ts';
import { answerParent } from '../../../src/runtime/children/answer-parent.ts';
import { NEVER_ENDS } from '../../support/inputs/never-ends.ts';

/** A reader whose decoder never ends on a picture that bears the mark; everything else it reads as the real one does. */

interface Order {
  readonly kind: string;
  readonly task: { readonly desk: { readonly input: string } };
}

answerParent(async (order) => {
  const { kind, task } = order as Order;
  const isMarked = (file: string) => readFileSync(join(task.desk.input, file)).includes(NEVER_ENDS);
  if (kind === 'dicom' && readdirSync(task.desk.input).some(isMarked)) for (;;);
  return doReading(order);
});

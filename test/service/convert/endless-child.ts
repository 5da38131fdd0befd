import { answerParent } from '../../../src/runtime/children/answer-parent.ts';

/** A converter that announces 480 pixels and never ends to decode them. */
answerParent(async (_task, onDecode) => {
  onDecode(480);
  for (;;);
});

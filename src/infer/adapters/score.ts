import { adapterFor, type Fingerprint, type Scores } from './adapter.ts';
import { imageMismatch, numbersOf, onlyImage, sigmoid, tensorOf, unusable } from './tensors.ts';

/** Operators after which a score lies within 0..1 already. */
const ends: ReadonlySet<string> = new Set(['Sigmoid', 'HardSigmoid', 'Softmax', 'Clip']);

/** One anomaly score an image and no place: N, or N x 1. */
export const score = adapterFor({
  name: 'score',
  task: 'anomaly',

  identify(file: Fingerprint) {
    if (onlyImage(file) === undefined) return undefined;
    const [only, ...others] = file.outputs;
    const named = tensorOf(file.outputs, 'pred_score');
    const found = named ?? (others.length === 0 ? only : undefined);
    if (found === undefined || !isScore(found)) return undefined;
    const isDone = named !== undefined || ends.has(file.lastOperators[found.name] ?? '');
    return { score: found.name, activation: isDone ? ('none' as const) : ('sigmoid' as const) };
  },

  mismatch(signature, output, manifest) {
    const found = tensorOf(signature.outputs, output.score);
    if (found === undefined) return `there is no output '${output.score}'`;
    return (
      imageMismatch(signature, manifest) ??
      (isScore(found) ? undefined : `the output '${output.score}' is not one float32 per image`)
    );
  },

  read(outputs, { score: name, activation }): Scores {
    const { data, shape } = numbersOf(outputs, name, outputs[name]?.shape.length ?? 1);
    const [value] = data;
    if (value === undefined || !shape.every((axis) => axis === 1))
      throw unusable(`the output '${name}' is not one score`);
    return {
      kind: 'scores',
      scores: [{ label: 'anomaly', score: activation === 'sigmoid' ? sigmoid(value) : value }],
    };
  },
});

/** N, or N x 1 and more axes of 1. An axis that is free is no single score. */
function isScore({
  type,
  shape,
}: {
  readonly type: string;
  readonly shape: readonly (number | string)[];
}): boolean {
  return type === 'float32' && shape.length > 0 && shape.slice(1).every((axis) => axis === 1);
}

import { defined } from '../../core/defined.ts';
import type { TensorInfo } from '../../core/ports/inference.ts';
import { adapterFor, classLabel, type Fingerprint, labelCountMismatch, type Scores } from './adapter.ts';
import { imageMismatch, numbersOf, onlyImage, sigmoid, softmax, tensorOf, unusable } from './tensors.ts';
import { namesOf, taskOf } from './ultralytics/exporter-metadata.ts';

/** N x classes, or with more axes of 1 behind. */
export const classifier = adapterFor({
  name: 'classifier',
  task: 'classification',

  identify(file: Fingerprint) {
    const [only, ...others] = file.outputs;
    if (onlyImage(file) === undefined || only === undefined || others.length > 0) return undefined;
    const classes = classCount(only);
    if (classes === undefined) return undefined;
    const names = taskOf(file) === 'classify' ? namesOf(file) : undefined;
    const labels = names?.length === classes ? [...names] : undefined;
    return {
      scores: only.name,
      activation: activationAfter(file.lastOperators[only.name]),
      ...defined({ labels }),
    };
  },

  mismatch(signature, { scores, labels }, manifest) {
    const found = tensorOf(signature.outputs, scores);
    if (found === undefined) return `there is no output '${scores}'`;
    const classes = classCount(found);
    if (classes === undefined) return `the output '${scores}' is not one float32 per class`;
    return imageMismatch(signature, manifest) ?? labelCountMismatch(labels, classes);
  },

  read(outputs, { scores: name, activation, labels, innocent = [] }): Scores {
    const { data, shape } = numbersOf(outputs, name, outputs[name]?.shape.length ?? 2);
    if (shape[0] !== 1) throw unusable(`the output '${name}' is for ${shape[0]} images`);
    const scores = activated([...data], activation).map((score, i) => ({
      label: classLabel(labels, i),
      score,
    }));
    return { kind: 'scores', scores: scores.filter(({ label }) => !innocent.includes(label)) };
  },
});

/** What the last operator has not done yet: without any of these the classes are raw. */
function activationAfter(operator: string | undefined): 'none' | 'softmax' {
  return operator === 'Softmax' || operator === 'Sigmoid' || operator === 'HardSigmoid' ? 'none' : 'softmax';
}

function activated(values: readonly number[], activation: 'none' | 'sigmoid' | 'softmax'): readonly number[] {
  switch (activation) {
    case 'none':
      return values;
    case 'sigmoid':
      return values.map(sigmoid);
    case 'softmax':
      return softmax(values);
  }
}

/** At least two. */
function classCount({ type, shape: [n, classes, ...rest] }: TensorInfo): number | undefined {
  if (type !== 'float32' || n === undefined || !rest.every((axis) => axis === 1)) return undefined;
  return typeof classes === 'number' && classes > 1 ? classes : undefined;
}

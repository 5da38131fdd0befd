import { NiiError } from '../../core/errors.ts';
import type { Tensor, TensorInfo } from '../../core/ports/inference.ts';
import type { ModelJson, ModelManifest } from '../manifest.ts';
import type { ModelOutput } from './output-forms.ts';

/** What a model file declares. */
export interface Signature {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
}

/** What a model is recognised by, without running it. */
export interface Fingerprint extends Signature {
  /** `metadata_props` of the file. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The operator that makes each output. */
  readonly lastOperators: Readonly<Record<string, string>>;
  /** JSON files that exporters write beside the model, by name: `metadata.json`, `config.json`. */
  readonly beside: Readonly<Record<string, unknown>>;
}

/** One image's map in the model's pixels. */
export interface AnomalyMap {
  readonly kind: 'anomaly-map';
  readonly rows: number;
  readonly columns: number;
  readonly map: Float32Array;
}

/** A box in pixels of the input, its corners anywhere. */
export interface LabelledBox {
  readonly label: string;
  readonly score: number;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface Boxes {
  readonly kind: 'boxes';
  readonly boxes: readonly LabelledBox[];
  /** Each object has one box already: boxes of one run are not joined. */
  readonly isEndToEnd: boolean;
}

/** Of the image as a whole. */
export interface Scores {
  readonly kind: 'scores';
  readonly scores: readonly { readonly label: string; readonly score: number }[];
}

/** What a model said of one input. */
export type Said = AnomalyMap | Boxes | Scores;

export interface Size {
  readonly rows: number;
  readonly columns: number;
}

/** Reads one family of exports. Pure: the same tensors give the same answer. */
export interface OutputAdapter {
  readonly name: ModelOutput['adapter'];
  readonly task: ModelJson['task'];
  /** How a file of this family is read; undefined for one of another family; a text says what is still missing. */
  identify(file: Fingerprint): ModelOutput | string | undefined;
  /** Why these tensors are not of this family, or undefined when they are. */
  mismatch(signature: Signature, manifest: ModelManifest): string | undefined;
  /** The inputs of one run. @param tile - of shape 1 x channels x rows x columns */
  feed(tile: Tensor, manifest: ModelManifest): Readonly<Record<string, Tensor>>;
  /** @throws NII_MODEL_OUTPUT when the outputs are not what the file declared, or hold what is no number */
  read(outputs: Readonly<Record<string, Tensor>>, manifest: ModelManifest, size: Size): Said;
}

type OutputOf<Name extends ModelOutput['adapter']> = Extract<ModelOutput, { readonly adapter: Name }>;

/** An adapter as its family writes it: it gets its own form of the output. */
interface Family<Name extends ModelOutput['adapter'], Answer extends Said> {
  readonly name: Name;
  readonly task: ModelJson['task'];
  identify(file: Fingerprint): Omit<OutputOf<Name>, 'adapter'> | string | undefined;
  mismatch(signature: Signature, output: OutputOf<Name>, manifest: ModelManifest): string | undefined;
  feed?(tile: Tensor, output: OutputOf<Name>, manifest: ModelManifest): Readonly<Record<string, Tensor>>;
  read(
    outputs: Readonly<Record<string, Tensor>>,
    output: OutputOf<Name>,
    size: Size,
    manifest: ModelManifest,
  ): Answer;
}

/** The adapter of a family. It rejects a package of another family. */
export function adapterFor<Name extends ModelOutput['adapter'], Answer extends Said>(
  family: Family<Name, Answer>,
): Omit<OutputAdapter, 'read'> & { read(...args: Parameters<OutputAdapter['read']>): Answer } {
  const { name, task } = family;
  const own = ({ output }: ModelManifest): OutputOf<Name> => {
    if (isOf(output, name)) return output;
    throw new NiiError('NII_INTERNAL', `adapter '${name}' was given a package of '${output.adapter}'`);
  };
  return {
    name,
    task,
    identify(file) {
      const found = family.identify(file);
      // the compiler does not join a family's fields and its name to the one form that has both
      return typeof found === 'object' ? ({ adapter: name, ...found } as unknown as OutputOf<Name>) : found;
    },
    mismatch: (signature, manifest) => family.mismatch(signature, own(manifest), manifest),
    feed: (tile, manifest) => family.feed?.(tile, own(manifest), manifest) ?? { [manifest.input.name]: tile },
    read: (outputs, manifest, size) => family.read(outputs, own(manifest), size, manifest),
  };
}

function isOf<Name extends ModelOutput['adapter']>(
  output: ModelOutput,
  name: Name,
): output is OutputOf<Name> {
  return output.adapter === name;
}

/** A JSON file beside the model; empty where there is none, or where it is no object. */
export function besideOf({ beside }: Fingerprint, name: string): Readonly<Record<string, unknown>> {
  const value = Object.hasOwn(beside, name) ? beside[name] : undefined;
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** The name of a class; its number where the package and the file name none. */
export function classLabel(labels: readonly string[] | undefined, index: number): string {
  return labels?.[index] ?? `class ${index}`;
}

/** Why there are more or fewer names than classes, or undefined. */
export function labelCountMismatch(
  labels: readonly string[] | undefined,
  classes: number,
): string | undefined {
  if (labels === undefined || labels.length === classes) return undefined;
  return `there are ${classes} classes and ${labels.length} labels`;
}

import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { loadKinds } from '../core/case/finding.ts';
import { defined } from '../core/defined.ts';
import { NiiError } from '../core/errors.ts';
import type { SeenKind } from '../core/scan/channel-kinds.ts';
import { Sha256 } from '../core/scan/scan.ts';
import { ModelOutput } from './adapters/output-forms.ts';
import type { Reference } from './reference.ts';

/**
 * model.json: everything about a model that its ONNX file does not say. docs/how-to/models.md explains each field. What is
 * new in 1.1: families of exports besides the anomaly map, an output that the file itself says, and whole images.
 */
const schemaVersions = ['1.0', '1.1'] as const;

const closed = { additionalProperties: false } as const;
const Line = Type.String({ minLength: 1, maxLength: 256 });
const TensorName = Type.String({ minLength: 1, maxLength: 256 });
const Side = Type.Integer({ minimum: 1, maximum: 16_384 });
const Range = Type.Tuple([Type.Number(), Type.Number()]);

/** Kinds that a model can ask for. */
const askable = { transmission: Type.Literal('transmission') } satisfies Record<SeenKind, unknown>;

export const ModelChannel = Type.Object(
  {
    kind: askable.transmission,
    energy: Type.Enum(['high', 'low', 'any', 'single'], {
      description:
        'any: whichever there is; single: the only one of its view, so a scan with two energies is left to other models',
    }),
  },
  closed,
);
export type ModelChannel = Static<typeof ModelChannel>;

export const ModelInputSpec = Type.Object(
  {
    name: TensorName,
    channels: Type.Array(ModelChannel, {
      minItems: 1,
      maxItems: 16,
      description: 'In the order of the tensor',
    }),
    units: Type.Enum(['transmission', 'counts', 'log'], {
      description:
        'transmission: counts over open beam, 0..1.2; counts: as stored; log: -ln of the transmission',
    }),
    pitchMm: Type.Number({ exclusiveMinimum: 0, maximum: 1000, description: 'Of one pixel of the model' }),
    pad: Type.Number({ description: 'Value after the last row and column, in the units above' }),
    scale: Type.Optional(Type.Number({ description: 'Multiplied first' })),
    mean: Type.Optional(Type.Array(Type.Number(), { description: 'Then subtracted, one for each channel' })),
    std: Type.Optional(
      Type.Array(Type.Number({ exclusiveMinimum: 0 }), {
        description: 'Then divided by, one for each channel',
      }),
    ),
    invalid: Type.Enum(['neighbour-mean', 'open-beam'], {
      description:
        'What stands for a sample without a value: the mean of its valid 3 x 3 neighbours (open beam without any), or open beam',
    }),
  },
  closed,
);
export type ModelInputSpec = Static<typeof ModelInputSpec>;

export const ModelShape = Type.Union([
  Type.Object(
    {
      kind: Type.Literal('buckets'),
      multipleOf: Side,
      minimum: Side,
      maximumPixels: Type.Integer({ minimum: 1, maximum: 64_000_000 }),
    },
    { ...closed, description: 'Height and width are free: the whole image, padded to one of few sizes' },
  ),
  Type.Object(
    {
      kind: Type.Literal('tiles'),
      height: Side,
      width: Side,
      overlap: Type.Integer({ minimum: 0, maximum: 8192 }),
    },
    { ...closed, description: 'One size only: overlapping tiles, blended' },
  ),
  Type.Object(
    {
      kind: Type.Literal('whole'),
      height: Side,
      width: Side,
      fit: Type.Enum(['letterbox', 'stretch'], {
        description:
          'letterbox: the scale is that of the scanner and the image lies in the middle of the padding; stretch: the image fills the input',
      }),
    },
    {
      ...closed,
      description:
        'One size only: the whole image in one run. A scan whose pixels would be coarser than input.pitchMm is not analysed',
    },
  ),
]);
export type ModelShape = Static<typeof ModelShape>;

/** What stands in model.json. */
export const ModelJson = Type.Object(
  {
    schemaVersion: Type.Enum([...schemaVersions]),
    id: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' }),
    version: Type.String({ pattern: '^[0-9]+(\\.[0-9]+){0,3}$', maxLength: 32 }),
    title: Line,
    task: Type.Enum(['anomaly', 'detection', 'classification']),
    file: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$', description: 'Beside model.json' }),
    sha256: Sha256,
    licence: Line,
    input: ModelInputSpec,
    shape: ModelShape,
    output: Type.Optional(ModelOutput),
    thresholds: Type.Object(
      {
        map: Type.Number({
          description: 'A region of the smoothed map, a box or a class at or above it is a finding',
        }),
        score: Type.Number({ description: 'An inspection unit at or above it has at least one finding' }),
      },
      closed,
    ),
    reference: Type.Object(
      {
        population: Type.String({ minLength: 1, maxLength: 1024, description: 'Description of the scans' }),
        count: Type.Integer({ minimum: 1, description: 'Number of scans; at least the number of scores' }),
        scores: Type.Array(Type.Number(), { minItems: 1, maxItems: 100_000, description: 'In rising order' }),
        within: Type.Optional(
          Type.Enum(['unit', 'hold'], {
            description:
              'Where scores were taken, and are: in the columns of the object of inspection (unit, also when absent), or there between roof and floor (hold)',
          }),
        ),
        loads: Type.Optional(
          Type.Array(
            Type.Object(
              {
                load: Type.Enum([...loadKinds]),
                scores: Type.Array(Type.Number(), {
                  minItems: 1,
                  maxItems: 100_000,
                  description: 'In rising order, for objects with such a load',
                }),
              },
              closed,
            ),
            { minItems: 1, maxItems: loadKinds.length },
          ),
        ),
        ranges: Type.Optional(
          Type.Partial(
            Type.Object(
              {
                openShare: Range,
                openNoise: Range,
                darkShare: Range,
                absorption: Range,
                energyRatio: Range,
                heightM: Range,
              },
              closed,
            ),
            {
              description:
                'Lowest and highest value in the population; a scan outside this range is not scored, with the reason',
            },
          ),
        ),
      },
      closed,
    ),
  },
  {
    $id: 'https://nii-hub.org/schemas/model-1.1.json',
    title: 'NII model package',
    description: 'Input, output and reference scans of a model.',
    ...closed,
  },
);
export type ModelJson = Static<typeof ModelJson>;

const checked = Compile(ModelJson);

/** A package whose output is known: by its model.json, or by its file. */
export type ModelManifest = ModelJson & {
  readonly output: ModelOutput;
  /** Scores of earlier objects from the scanner at hand, in rising order; of no package, but of where it runs. */
  readonly ownScores?: readonly number[];
};

/** What scores of this package are compared with where it runs. */
export function referenceOf({ reference: { scores }, ownScores }: ModelManifest): Reference {
  return { scores, ...defined({ own: ownScores }) };
}

/** @throws NII_MODEL_INVALID naming the first field that is wrong; `where` names the package in the message */
export function parseManifest(value: unknown, where: string): ModelJson {
  if (!checked.Check(value)) throw invalidModel(where, firstError(value));
  const fault = contradiction(value);
  if (fault !== undefined) throw invalidModel(where, fault);
  return value;
}

export function invalidModel(where: string, what: string, cause?: unknown): NiiError {
  return new NiiError('NII_MODEL_INVALID', {
    detail: `${where}: ${what}`,
    ...defined({ cause }),
  });
}

function firstError(value: unknown): string {
  const errors = checked.Errors(value);
  // An unknown field is reported both at the field and at its parent; the field's own line is the clearer one.
  const first = errors.find((error) => error.keyword !== 'anyOf') ?? errors[0];
  if (first === undefined) return 'model.json does not match its schema';
  const unknown = first.keyword === 'boolean' ? 'is not a field of model.json' : first.message;
  return `model.json ${first.instancePath === '' ? '' : `${first.instancePath} `}${unknown}`;
}

/** What the schema cannot say: fields that must agree with one another. */
function contradiction({ schemaVersion, input, shape, output, reference }: ModelJson): string | undefined {
  const channels = input.channels.length;
  const isOfBefore =
    output?.adapter === 'anomaly-map' && shape.kind !== 'whole' && !readsAbsorption({ reference });
  if (schemaVersion === '1.0' && !isOfBefore)
    return 'model.json has fields that schemaVersion 1.0 does not have; use "1.1"';
  if (output?.adapter === 'anomalib-1' && output.normalise !== undefined && !isRange(output.normalise))
    return 'output.normalise.maximum is not above its minimum';
  if (input.mean !== undefined && input.mean.length !== channels)
    return 'input.mean needs one value per channel';
  if (input.std !== undefined && input.std.length !== channels)
    return 'input.std needs one value per channel';
  if (shape.kind === 'tiles' && shape.overlap * 2 > Math.min(shape.height, shape.width)) {
    return 'shape.overlap is more than half a tile';
  }
  if (shape.kind === 'buckets' && bucketFloor(shape) ** 2 > shape.maximumPixels) {
    return 'shape.maximumPixels is less than the smallest bucket';
  }
  if (reference.scores.length > reference.count) return 'reference.count is less than its scores';
  if (!isRising(reference.scores)) return 'reference.scores are not in rising order';
  if (reference.loads?.some(({ scores }) => !isRising(scores)) === true)
    return 'scores in reference.loads are not in rising order';
  if (readsAbsorption({ reference }) && !isPlainTransmission(input))
    return "reference.loads, ranges and within 'hold' need input.units 'transmission' without scale, mean and std";
  if (readsAbsorption({ reference }) && output !== undefined && !isOfMaps(output))
    return "reference.loads, ranges and within 'hold' are for models that return a map";
  return undefined;
}

/** Whether the model says something of each place of the image. */
export function isOfMaps({ adapter }: Pick<ModelOutput, 'adapter'>): boolean {
  return adapter === 'anomaly-map' || adapter === 'anomalib-1';
}

/** Side of the smallest bucket. */
export function bucketFloor(shape: { readonly multipleOf: number; readonly minimum: number }): number {
  return Math.ceil(shape.minimum / shape.multipleOf) * shape.multipleOf;
}

function isRange({ minimum, maximum }: { readonly minimum: number; readonly maximum: number }): boolean {
  return maximum > minimum;
}

function isRising(values: readonly number[]): boolean {
  return values.every((value, i) => i === 0 || value >= (values[i - 1] ?? value));
}

/** Whether the package asks for what is read off the image itself, which must then be in transmission. */
export function readsAbsorption({ reference }: Pick<ModelManifest, 'reference'>): boolean {
  return reference.loads !== undefined || reference.ranges !== undefined || reference.within === 'hold';
}

function isPlainTransmission({ units, scale, mean, std }: ModelInputSpec): boolean {
  return units === 'transmission' && scale === undefined && mean === undefined && std === undefined;
}

import Type, { type Static } from 'typebox';
import { Axis, PitchSource, Sha256 } from '../scan/scan.ts';
import { Box } from './box.ts';
import { Emptiness } from './emptiness.ts';

const Coordinate = Type.Integer({ minimum: 0 });

export const AnomalyPercentile = Type.Number({
  minimum: 0,
  maximum: 100,
  description:
    'Percent of the reference scans of the model that have a lower anomaly score; not a probability',
});

export const Finding = Type.Object(
  {
    id: Type.String({ description: 'From the hash of its content: the same finding has the same id' }),
    unitId: Type.Optional(Type.String()),
    label: Type.String({ description: 'The class of the model, or anomaly' }),
    box: Box,
    score: Type.Number({ description: 'As the model gave it; only comparable within this model version' }),
    anomalyPercentile: Type.Optional(AnomalyPercentile),
  },
  { additionalProperties: false },
);
export type Finding = Static<typeof Finding>;

/** What the goods look like: a score says most beside others of its kind. */
export const loadKinds = ['empty', 'homogeneous', 'heterogeneous'] as const;
export type LoadKind = (typeof loadKinds)[number];

export const UnitScore = Type.Object(
  {
    unitId: Type.String(),
    score: Type.Number(),
    anomalyPercentile: AnomalyPercentile,
    load: Type.Optional(
      Type.Enum([...loadKinds], { description: 'Kind of the load, estimated from the image' }),
    ),
    loadPercentile: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 100,
        description:
          'Percent of the reference scans with such a load that have a lower anomaly score; not a probability',
      }),
    ),
  },
  { additionalProperties: false },
);
export type UnitScore = Static<typeof UnitScore>;

/** What one model said of one revision of a scan, or why it could not look; beside it the check without a model. */
export const Analysis = Type.Object(
  {
    model: Type.Object(
      { id: Type.String(), version: Type.String(), sha256: Sha256 },
      { additionalProperties: false },
    ),
    status: Type.Enum(['analysed', 'not-analysed']),
    reason: Type.Optional(Type.String({ description: 'Reason why no model analysed the scan' })),
    view: Type.Optional(Type.String()),
    alarm: Type.Optional(
      Type.Boolean({ description: 'The score reached the threshold of the model package' }),
    ),
    units: Type.Array(UnitScore),
    findings: Type.Array(Finding),
    reference: Type.Optional(
      Type.Object(
        {
          population: Type.String(),
          count: Type.Integer({ minimum: 1 }),
          ofScanner: Type.Optional(
            Type.Integer({
              minimum: 1,
              description:
                'Scores of earlier objects from the same scanner that count as well; 100 of them weigh as much as the population',
            }),
          ),
        },
        { additionalProperties: false, description: 'Source of the percentiles' },
      ),
    ),
    pitch: Type.Optional(
      Type.Object(
        {
          rowMm: Type.Number(),
          columnMm: Type.Number(),
          source: PitchSource,
        },
        {
          additionalProperties: false,
          description: 'Pixel pitch from which the input of the model was computed',
        },
      ),
    ),
    map: Type.Optional(
      Type.Object(
        { rows: Type.Integer(), columns: Type.Integer() },
        {
          additionalProperties: false,
          description: 'Anomaly map in stored orientation, 8 bits, beside the record',
        },
      ),
    ),
    leftOut: Type.Optional(
      Type.Array(
        Type.Object(
          {
            why: Type.Enum(['cab'], { description: 'cab: the policy of the administration leaves it out' }),
            view: Type.String(),
            axis: Axis,
            from: Coordinate,
            to: Type.Integer({ minimum: 1, description: 'Exclusive' }),
          },
          { additionalProperties: false },
        ),
        {
          maxItems: 64,
          description:
            'Lines of stored samples that the model received as not measured; its map and findings are empty there',
        },
      ),
    ),
    notes: Type.Optional(
      Type.Array(Type.String(), {
        description: 'Assumptions and omissions, in words: open beam, pitch, other views, units',
      }),
    ),
    emptiness: Type.Optional(Emptiness),
    milliseconds: Type.Number({ minimum: 0, description: 'Duration of the model run; not compared' }),
    decidedAt: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'Time at which the model ended, or was found not to fit',
      }),
    ),
  },
  { additionalProperties: false },
);
export type Analysis = Static<typeof Analysis>;

import Type, { type Static } from 'typebox';

/** report.json: how well a model does on one set of scans. docs/how-to/evaluation.md explains each figure. */

const closed = { additionalProperties: false } as const;
const Share = Type.Number({ minimum: 0, maximum: 1 });
const Interval = Type.Tuple([Share, Share], { description: '95 %' });
const Count = Type.Integer({ minimum: 0 });
const Name = Type.String({ maxLength: 4096 });

const Rate = Type.Object(
  { hits: Count, of: Type.Integer({ minimum: 1 }), rate: Share, interval: Interval },
  { ...closed, description: 'With its Wilson interval' },
);

const Auroc = Type.Object(
  { value: Share, interval: Type.Optional(Interval) },
  { ...closed, description: 'The interval draws whole scans with replacement' },
);

const NotEnough = Type.Object(
  { notEnoughData: Type.String() },
  { ...closed, description: 'Reason why there is no figure, in words' },
);

const Level = Type.Object(
  {
    falseAlarmsWanted: Share,
    threshold: Type.Number({
      description: 'A score above it is an alarm; determined on scans that are not used otherwise',
    }),
    falseAlarms: Rate,
    detected: Rate,
    byClass: Type.Array(Type.Object({ name: Name, detected: Rate }, closed)),
    byCargo: Type.Array(
      Type.Object(
        { name: Name, detected: Type.Optional(Rate), falseAlarms: Type.Optional(Rate) },
        { ...closed, description: 'With the threshold of all scans' },
      ),
    ),
    missed: Type.Array(
      Type.Object(
        { class: Name, missed: Count, hiddenByNoise: Count, hiddenByLoad: Count, visible: Count },
        { ...closed, description: 'Causes of the missed objects' },
      ),
    ),
  },
  closed,
);

export const EvaluationReport = Type.Object(
  {
    schemaVersion: Type.Literal('1.0'),
    product: Type.String({ description: 'Version of nii-hub' }),
    model: Type.Object({ id: Name, version: Name, sha256: Name, title: Name }, closed),
    data: Type.Object(
      {
        normals: Name,
        threats: Name,
        set: Type.Enum(['development', 'sealed', 'own'], {
          description: 'own: scans of an administration, without known properties',
        }),
        ordinary: Type.Object({ threshold: Count, test: Count }, closed),
        objects: Count,
        notAnalysed: Type.Array(Type.Object({ reason: Type.String(), scans: Count }, closed)),
        assumptions: Type.Array(Type.String()),
      },
      closed,
    ),
    levels: Type.Union([NotEnough, Type.Array(Level)]),
    auroc: Type.Object(
      {
        image: Type.Union([NotEnough, Auroc]),
        pixel: Type.Union([NotEnough, Auroc]),
        byClass: Type.Array(Type.Object({ name: Name, objects: Count, auroc: Auroc }, closed)),
        byCargo: Type.Array(
          Type.Object(
            { name: Name, ordinary: Count, objects: Count, auroc: Auroc },
            { ...closed, description: 'Against ordinary scans of the same goods' },
          ),
        ),
      },
      closed,
    ),
    queue: Type.Union([
      NotEnough,
      Type.Object(
        {
          prevalence: Share,
          first: Share,
          share: Share,
          interval: Type.Optional(Interval),
          byChance: Share,
        },
        { ...closed, description: 'Share of positives in the first part of the queue, as triage ranks' },
      ),
    ]),
    freeResponse: Type.Union([
      NotEnough,
      Type.Object(
        {
          curve: Type.Array(
            Type.Object({ score: Type.Number(), falseMarksPerScan: Type.Number(), detected: Share }, closed),
          ),
          at: Type.Array(
            Type.Object(
              {
                falseMarksPerScan: Type.Number(),
                detected: Share,
                interval: Type.Optional(Interval),
                visible: Type.Optional(
                  Type.Object(
                    { objects: Count, detected: Share },
                    { ...closed, description: 'The same for objects that neither noise nor the load hides' },
                  ),
                ),
              },
              closed,
            ),
          ),
        },
        closed,
      ),
    ]),
    bound: Type.Array(
      Type.Object(
        {
          class: Name,
          objects: Count,
          medianDPrime: Type.Number({
            description: 'd′ of an observer with the exact object, mask and background',
          }),
          aurocKnowingBackground: Share,
          detectedKnowingBackground: Type.Object({ at1Percent: Share, at5Percent: Share }, closed),
          medianStandsOut: Type.Optional(
            Type.Number({
              description: 'd′ of an observer with the mask, and with only the unevenness of the load',
            }),
          ),
          aurocKnowingMask: Type.Optional(Share),
          hiddenByNoise: Count,
          hiddenByLoad: Count,
        },
        closed,
      ),
    ),
    detectability: Type.Array(
      Type.Object(
        {
          sizeMm: Type.Tuple([Type.Number(), Type.Union([Type.Number(), Type.Null()])]),
          steelMm: Type.Tuple([Type.Number(), Type.Union([Type.Number(), Type.Null()])]),
          objects: Count,
          auroc: Share,
        },
        {
          ...closed,
          description: 'By the side of a square of the same area, and the steel of the same contrast',
        },
      ),
    ),
    grid: Type.Optional(
      Type.Object(
        {
          falseAlarmsWanted: Share,
          threshold: Type.Optional(
            Type.Number({ description: 'That of this level; absent where too few ordinary scans fix it' }),
          ),
          cells: Type.Array(
            Type.Object(
              {
                material: Name,
                sizeMm: Type.Number({ description: 'Side of a square plate' }),
                thicknessMm: Type.Number({ description: 'Along the beam' }),
                objects: Count,
                auroc: Type.Optional(Share),
                detected: Type.Optional(Rate),
                boundKnowingMask: Type.Optional(
                  Type.Number({
                    minimum: 0,
                    maximum: 1,
                    description:
                      'Detection by an observer with the mask, and with only the unevenness of the load',
                  }),
                ),
                boundKnowingBackground: Type.Optional(
                  Type.Number({
                    minimum: 0,
                    maximum: 1,
                    description: 'Detection by an observer with the exact load, who is limited only by noise',
                  }),
                ),
              },
              closed,
            ),
          ),
        },
        {
          ...closed,
          description: 'Plates of chosen sizes and thicknesses at random places; absent without --grid',
        },
      ),
    ),
    percentiles: Type.Union([
      NotEnough,
      Type.Object(
        { count: Count, statistic: Share, p: Share, tenths: Type.Array(Count) },
        { ...closed, description: 'Of ordinary scans against uniform (Kolmogorov-Smirnov)' },
      ),
    ]),
    time: Type.Object(
      {
        scans: Count,
        modelMs: Type.Number(),
        wholeMs: Type.Number(),
        cpuMs: Type.Optional(Type.Number()),
      },
      { ...closed, description: 'Medians of a scan: the model’s runs, the whole analysis, and its CPU time' },
    ),
  },
  {
    $id: 'https://nii-hub.org/schemas/evaluation-1.0.json',
    title: 'NII evaluation of a model',
    description: 'Evaluation of a model. For data scientists and supervisors; never part of a package.',
    ...closed,
  },
);
export type EvaluationReport = Static<typeof EvaluationReport>;

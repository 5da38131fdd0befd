import Type, { type Static } from 'typebox';

/**
 * What a radiation officer says of an alarm, as portal practice has it (IAEA-TECDOC-1312, ANSI N42.35). What each
 * decision needs is required in triage/holds/adjudication.ts and evidence.ts; here it may be absent, so that a request that lacks it is
 * told what to add.
 */

const closed = { additionalProperties: false } as const;
const Words = Type.String({ minLength: 1, maxLength: 256 });
const Note = Type.String({ maxLength: 4096 });

const Spectrum = Type.Object(
  {
    scanId: Type.String({
      minLength: 1,
      maxLength: 64,
      description: 'Scan that contains the N42 document',
    }),
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$', description: 'Hash of that original' }),
  },
  { ...closed, description: 'Measurement of the hand-held instrument, uploaded like any record' },
);

export const Identification = Type.Object(
  {
    nuclides: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
      maxItems: 16,
      description: 'Such as Cf-252; empty if the instrument found nothing above background',
    }),
    by: Type.Enum(['riid', 'laboratory', 'other'], {
      description: 'riid: a hand-held instrument that identifies nuclides',
    }),
    expert: Type.Optional(
      Type.String({ maxLength: 256, description: 'Expert who was consulted (reach-back)' }),
    ),
    spectrum: Type.Optional(Spectrum),
  },
  { ...closed, description: 'Identification of the source after the alarm' },
);
export type Identification = Static<typeof Identification>;

/** How the vehicle was measured after all, where the portal did not. */
export const NewMeasurement = Type.Union([
  Type.Object(
    {
      kind: Type.Literal('passed-again'),
      scanId: Type.String({ minLength: 1, maxLength: 64, description: 'Of the radiation record' }),
      recordId: Type.String({ minLength: 1, maxLength: 64, description: 'Occupancy in that record' }),
    },
    closed,
  ),
  Type.Object({ kind: Type.Literal('inspected'), by: Words, with: Words }, closed),
]);
export type NewMeasurement = Static<typeof NewMeasurement>;

const recorded = {
  identification: Type.Optional(Identification),
  doseRateMicrosievertsPerHour: Type.Optional(
    Type.Number({ minimum: 0, description: 'The highest at the surface of the vehicle, µSv/h' }),
  ),
  secondaryInspection: Type.Optional(Type.Enum(['not-done', 'under-way', 'nothing-found', 'found'])),
  note: Type.Optional(Note),
} as const;

const Basis = Type.Enum(['medical', 'norm', 'declared-source'], {
  description: 'norm: naturally occurring radioactive material',
});

export const Adjudication = Type.Union([
  Type.Object(
    {
      decision: Type.Literal('real'),
      authority: Type.Optional(
        Type.String({ maxLength: 256, description: 'Competent authority that takes over' }),
      ),
      ...recorded,
    },
    closed,
  ),
  Type.Object(
    {
      decision: Type.Literal('innocent'),
      basis: Basis,
      person: Type.Optional(
        Type.String({ maxLength: 256, description: 'Treated person, or proof of the treatment' }),
      ),
      goodsHs: Type.Optional(
        Type.String({
          pattern: '^[0-9]{4,10}$',
          description: 'HS code of the naturally radioactive goods that are declared for this vehicle',
        }),
      ),
      reference: Type.Optional(
        Type.String({
          maxLength: 256,
          description: 'Reference of the declaration of this vehicle with the source in dangerousGoods',
        }),
      ),
      ...recorded,
    },
    closed,
  ),
  Type.Object(
    { decision: Type.Literal('false'), newMeasurement: Type.Optional(NewMeasurement), ...recorded },
    closed,
  ),
  Type.Object(
    {
      decision: Type.Literal('test-or-maintenance'),
      by: Type.Optional(Words),
      source: Type.Optional(Words),
      ...recorded,
    },
    closed,
  ),
  Type.Object(
    {
      decision: Type.Literal('tamper-or-fault'),
      workOrder: Type.Optional(Words),
      newMeasurement: Type.Optional(NewMeasurement),
      ...recorded,
    },
    closed,
  ),
]);
export type Adjudication = Static<typeof Adjudication>;
export type Decision = Adjudication['decision'];

import Type, { type Static } from 'typebox';
import { personalAndCommercial } from '../disclosure/field-class.ts';

/** What a policy requires of some vehicles beyond its other terms: by place, risk, commodity and trader. */

const closed = { additionalProperties: false } as const;

export const ControlWhen = Type.Object(
  {
    site: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    lane: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        description: 'Also a vehicle whose lane is unknown, or may be this one by another name',
      }),
    ),
    riskFrom: Type.Optional(
      Type.Number({ minimum: 0, maximum: 100, description: 'Declared risk of this or more' }),
    ),
    goodsHs: Type.Optional(
      Type.String({ pattern: '^[0-9]{2,10}$', description: 'Beginning of a declared HS code' }),
    ),
    trader: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 128,
        ...personalAndCommercial,
        description: '`id` of a party of the declared consignment, such as EORI or TIN',
      }),
    ),
  },
  {
    ...closed,
    description:
      'Vehicles that it is for: all of this is true. Risk, goods and trader are of one declaration',
  },
);
export type ControlWhen = Readonly<Static<typeof ControlWhen>>;

export const ControlTerms = Type.Object(
  {
    search: Type.Optional(
      Type.Literal(true, { description: 'A full search is required, whatever the image shows' }),
    ),
    readers: Type.Optional(
      Type.Literal(2, { description: 'So many readers must say that the image is normal' }),
    ),
    instructionMinutes: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 15,
        description:
          'An instruction ends this long after it was given, or earlier by `instructionMinutes` of the policy',
      }),
    ),
    visitRequired: Type.Optional(
      Type.Literal(true, { description: 'A scan without a visit holds its vehicle' }),
    ),
    minimumLookSeconds: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 600,
        description: 'A reader cannot say normal earlier than this after they claimed the case',
      }),
    ),
    portalOnlyMayGo: Type.Optional(
      Type.Boolean({
        description:
          'Whether a vehicle that passed only a portal, without an alarm, may proceed without an image. false outweighs true. Default: false',
      }),
    ),
  },
  { ...closed, minProperties: 1 },
);
export type ControlTerms = Readonly<Static<typeof ControlTerms>>;

export const Control = Type.Object({ when: ControlWhen, terms: ControlTerms }, closed);
export type Control = Readonly<Static<typeof Control>>;

export const Controls = Type.Immutable(
  Type.Array(Control, {
    maxItems: 64,
    description: 'Of all that apply to a vehicle, the strictest of each term counts',
  }),
);

import Type, { type Static } from 'typebox';
import { Code } from '../trade/codes.ts';
import { Consignment } from '../trade/consignment.ts';

const Short = Type.String({ maxLength: 128 });

/** What explains an alarm is its nuclides, as SSR-6 (paragraph 546) has them in the transport document. */
const DangerousGoods = Type.Object(
  {
    unNumber: Code('un-number', { description: 'UN number, such as 2915' }),
    nuclides: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
        maxItems: 64,
        description: 'Radionuclides in it, such as Cs-137',
      }),
    ),
    licence: Type.Optional(
      Type.String({ minLength: 1, maxLength: 128, description: 'Number of the licence' }),
    ),
  },
  { additionalProperties: false },
);

const { units: _, ...consignmentProperties } = Consignment.properties;

/** What a trader declared and customs' selectivity made of it; joins scans by container and time. */
export const DeclarationBody = Type.Object(
  {
    containers: Type.Array(Type.String({ maxLength: 32 }), { maxItems: 256 }),
    mrn: Type.Optional(Type.String({ maxLength: 35, description: 'Movement reference number' })),
    ucr: Type.Optional(Type.String({ maxLength: 35, description: 'Unique consignment reference (WCO)' })),
    hsCodes: Type.Optional(Type.Array(Type.String({ pattern: '^[0-9]{4,10}$' }), { maxItems: 2048 })),
    description: Type.Optional(Type.String({ maxLength: 4096 })),
    packages: Type.Optional(Type.Integer({ minimum: 0 })),
    grossMassKg: Type.Optional(Type.Number({ minimum: 0 })),
    dangerousGoods: Type.Optional(
      Type.Array(DangerousGoods, {
        maxItems: 64,
        description: 'Dangerous goods; radioactive sources with their nuclides can explain an alarm',
      }),
    ),
    declaredEmpty: Type.Optional(Type.Boolean()),
    origin: Type.Optional(Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1 alpha-2' })),
    seals: Type.Optional(Type.Array(Short, { maxItems: 64 })),
    consignment: Type.Optional(
      Type.Object(consignmentProperties, {
        additionalProperties: false,
        description: 'Data elements of the WCO SAFE Framework; HS codes of its items count as `hsCodes`',
      }),
    ),
    selectivity: Type.Optional(
      Type.Object(
        {
          score: Type.Number({ minimum: 0, maximum: 100, description: 'Declared risk, 100 is the highest' }),
          reasons: Type.Optional(Type.Array(Type.String({ maxLength: 256 }), { maxItems: 16 })),
        },
        { additionalProperties: false },
      ),
    ),
    presentedAt: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'When the goods are expected; scans within 14 days of it join',
      }),
    ),
  },
  { $id: 'https://nii-hub.org/schemas/declaration-1.2.json', additionalProperties: false },
);
export type DeclarationBody = Static<typeof DeclarationBody>;

export const Declaration = Type.Object(
  {
    administration: Type.String(),
    site: Type.String({
      description: 'Site of the key that created it; `*` if that key is for every site',
    }),
    ref: Type.String(),
    body: DeclarationBody,
    version: Type.Integer({ minimum: 1, description: 'Increases with each change' }),
    statedBy: Type.Optional(
      Type.Array(Type.String(), {
        description:
          'Everybody who stated or changed it, persons and keys; absent: stated before this was kept',
      }),
    ),
    updatedAt: Type.String({ format: 'date-time', description: 'Of the last change' }),
  },
  { additionalProperties: false },
);
export type Declaration = Static<typeof Declaration>;

/** A declaration joins scans of its containers taken within this time of it. */
export const DECLARATION_WINDOW_SECONDS = 14 * 24 * 3600;

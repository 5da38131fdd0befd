import Type, { type Static } from 'typebox';
import { Acquired } from './circumstances.ts';

const closed = { additionalProperties: false } as const;
const Millimetres = Type.Number({ exclusiveMinimum: 0, maximum: 100_000 });
const Mev = Type.Number({ exclusiveMinimum: 0, maximum: 20 });

const scannerTypes = ['fixed', 'gantry', 'portal', 'mobile', 'relocatable', 'rail', 'conveyor'] as const;

/** One image-quality test, as IEC 62523 and ANSI N42.46 describe them. */
const ImageQualityTest = Type.Object(
  {
    standard: Type.String({ maxLength: 64, description: 'Such as IEC 62523' }),
    edition: Type.Optional(Type.String({ maxLength: 32 })),
    testPiece: Type.Optional(Type.String({ maxLength: 128 })),
    measure: Type.Optional(
      Type.String({ maxLength: 128, description: 'Such as steel penetration, wire resolution or contrast' }),
    ),
    energyMev: Type.Optional(Mev),
    result: Type.String({ maxLength: 128, description: 'As written, with its unit' }),
    passed: Type.Optional(Type.Boolean()),
    at: Type.Optional(Acquired),
  },
  closed,
);

/** How the scanner makes its images. */
export const ScannerFacts = Type.Object(
  {
    type: Type.Optional(Type.Enum(scannerTypes)),
    energiesMev: Type.Optional(
      Type.Array(Mev, { maxItems: 8, description: 'Nominal end-point energies, highest first' }),
    ),
    geometry: Type.Optional(
      Type.Object(
        {
          sourceToDetectorMm: Type.Optional(Millimetres),
          sourceToObjectMm: Type.Optional(Millimetres),
          beam: Type.Optional(Type.Enum(['fan', 'pencil', 'cone'])),
        },
        closed,
      ),
    ),
    scanDirection: Type.Optional(
      Type.Enum(['object-forward', 'object-backward', 'scanner-forward', 'scanner-backward'], {
        description: 'The part that moves, and whether the front of the object is scanned first (forward)',
      }),
    ),
    speedMetresPerSecond: Type.Optional(Type.Number({ minimum: 0, maximum: 60 })),
    doseMicrosievert: Type.Optional(Type.Number({ minimum: 0, description: 'Dose to the object per scan' })),
    calibratedAt: Type.Optional(Acquired),
    imageQuality: Type.Optional(Type.Array(ImageQualityTest, { maxItems: 32, description: 'Newest first' })),
  },
  closed,
);
export type ScannerFacts = Static<typeof ScannerFacts>;

import Type, { type Static } from 'typebox';
import Value from 'typebox/value';
import { NiiError } from '../../core/errors.ts';
import { ChannelEnergy, ChannelKind, polarities } from '../../core/scan/channel-kinds.ts';
import { Visit } from '../../core/scan/circumstances.ts';
import { Place } from '../../core/scan/place.ts';
import {
  Acquired,
  ChannelLabel,
  ClassLabel,
  ContainerNumber,
  InspectionUnit,
  type Json,
  NotMeasured,
  Purpose,
  Rescale,
} from '../../core/scan/scan.ts';
import { ScannerFacts } from '../../core/scan/scanner-facts.ts';
import { Consignment } from '../../core/trade/consignment.ts';
import { Control } from '../../core/trade/control.ts';

const closed = { additionalProperties: false } as const;
const Short = Type.String({ maxLength: 256 });
const Millimetres = Type.Number({ exclusiveMinimum: 0, maximum: 1000 });

const SidecarChannel = Type.Object(
  {
    id: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' }),
    kind: ChannelKind,
    energy: Type.Optional(ChannelEnergy),
    nominalEnergyMev: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 20 })),
    openBeam: Type.Optional(Type.Number({ description: 'Sample value of the unobstructed beam' })),
    invalidValue: Type.Optional(Type.Number({ description: 'This sample value means: not measured' })),
    notMeasured: Type.Optional(NotMeasured),
    polarity: Type.Optional(
      Type.Enum(polarities, {
        description: 'Meaning of a high value. Default for transmission: high-is-transparent',
      }),
    ),
    rescale: Type.Optional(Rescale),
    label: Type.Optional(ChannelLabel),
    legend: Type.Optional(Type.Array(ClassLabel, { maxItems: 256 })),
  },
  closed,
);

/** The document beside a NumPy array that says what its channels are. */
export const NumpySidecar = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    niiSidecar: Type.Enum(['1.0', '1.1']),
    channels: Type.Array(SidecarChannel, {
      minItems: 1,
      maxItems: 64,
      description: 'In the order of the last axis of the array',
    }),
    pixelPitchMm: Type.Optional(Type.Object({ row: Millimetres, column: Millimetres }, closed)),
    acquired: Type.Optional(
      Type.Union([Type.String({ maxLength: 64, description: 'ISO 8601, with its zone' }), Acquired]),
    ),
    containers: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 16 })),
    site: Type.Optional(Short),
    lane: Type.Optional(Short),
    visit: Type.Optional(Visit),
    place: Type.Optional(Place),
    scanner: Type.Optional(Short),
    scannerFacts: Type.Optional(ScannerFacts),
    consignments: Type.Optional(
      Type.Array(Consignment, { maxItems: 256, description: 'Their units are unit-1, unit-2, … in order' }),
    ),
    control: Type.Optional(Control),
    manufacturer: Type.Optional(Short),
    model: Type.Optional(Short),
    purpose: Type.Optional(Purpose),
    findUnits: Type.Optional(
      Type.Literal('wagons', {
        description:
          'Without `units`: find the wagons of a train by the gaps between them, in an upright transmission channel of 16 bits with its open beam stated',
      }),
    ),
    units: Type.Optional(
      Type.Array(
        Type.Object(
          {
            container: Type.Optional(Type.String({ maxLength: 64 })),
            wagon: Type.Optional(
              Type.String({
                maxLength: 64,
                description: 'Number of a railway wagon, twelve digits by UIC 438-2',
              }),
            ),
            kind: Type.Optional(InspectionUnit.properties.kind),
            plates: Type.Optional(InspectionUnit.properties.plates),
            declarations: Type.Optional(InspectionUnit.properties.declarations),
            seals: Type.Optional(InspectionUnit.properties.seals),
            sizeType: ContainerNumber.properties.sizeType,
            plateDetails: InspectionUnit.properties.plateDetails,
            sealDetails: InspectionUnit.properties.sealDetails,
            tareKg: InspectionUnit.properties.tareKg,
            verifiedGrossMassKg: InspectionUnit.properties.verifiedGrossMassKg,
            unNumbers: InspectionUnit.properties.unNumbers,
            description: InspectionUnit.properties.description,
            columns: Type.Object(
              {
                from: Type.Integer({ minimum: 0 }),
                to: Type.Integer({ minimum: 1, description: 'Exclusive' }),
              },
              closed,
            ),
          },
          closed,
        ),
        {
          minItems: 1,
          maxItems: 1024,
          description: 'One for each box or wagon; then `containers` is not read',
        },
      ),
    ),
  },
  {
    $id: 'https://nii-hub.org/schemas/numpy-sidecar-1.1.json',
    title: 'Sidecar of a NumPy array',
    additionalProperties: false,
  },
);
export type NumpySidecar = Static<typeof NumpySidecar>;

/** Undefined for a JSON document that is no sidecar at all. @throws NII_MALFORMED for one that is, and is wrong */
export function parseSidecar(document: Json, name: string): NumpySidecar | undefined {
  if (typeof document !== 'object' || document === null || !('niiSidecar' in document)) return undefined;
  const value: unknown = document;
  if (Value.Check(NumpySidecar, value)) return value;
  const [first] = Value.Errors(NumpySidecar, value);
  throw new NiiError('NII_MALFORMED', {
    detail: `${name}: ${first?.instancePath || '/'} ${first?.message ?? 'is wrong'}`,
    field: name,
  });
}

import Type, { type Static } from 'typebox';
import { commercial, personal, personalAndCommercial, technical, wco } from '../disclosure/field-class.ts';
import { Acquired } from '../scan/circumstances.ts';
import { Code } from './codes.ts';

const closed = { additionalProperties: false } as const;
const Short = (options = {}) => Type.String({ maxLength: 128, ...options });
const Words = (options = {}) => Type.String({ maxLength: 4096, ...options });

const partyRoles = ['consignor', 'consignee', 'declarant', 'carrier', 'notify', 'other'] as const;

/** One of the traders of a consignment. A trader may be a natural person. */
const Party = Type.Object(
  {
    role: Type.Enum(partyRoles, technical),
    name: Type.Optional(Words({ ...personalAndCommercial, ...wco('Name') })),
    id: Type.Optional(Short({ ...personalAndCommercial, ...wco('ID'), description: 'Such as EORI or TIN' })),
    country: Type.Optional(Code('country', { ...commercial, ...wco('Address/CountryCode') })),
    aeo: Type.Optional(
      Type.Object(
        {
          certificate: Type.Optional(
            Short({ ...personalAndCommercial, description: 'Number of the certificate' }),
          ),
          type: Type.Optional(Short({ description: 'Such as AEOC, AEOS, AEOF in the EU' })),
          mutuallyRecognised: Type.Optional(
            Type.Boolean({ description: 'Recognised under an arrangement between two administrations' }),
          ),
        },
        { ...closed, ...commercial, description: 'Authorised economic operator (WCO SAFE, pillar 2)' },
      ),
    ),
  },
  { ...closed, ...commercial, ...wco('Consignor, Consignee, Declarant, Carrier, NotifyParty') },
);

const transportDocuments = [
  'bill-of-lading',
  'house-bill',
  'air-waybill',
  'house-air-waybill',
  'road-consignment-note',
  'rail-consignment-note',
  'manifest',
  'tir-carnet',
  'other',
] as const;

const TransportDocument = Type.Object(
  {
    type: Type.Enum(transportDocuments, technical),
    number: Short({ minLength: 1, ...wco('ID') }),
    issued: Type.Optional(Type.String({ format: 'date', description: 'RFC 3339 full-date' })),
  },
  { ...closed, ...commercial, ...wco('TransportContractDocument') },
);

/** What carries the goods. */
const TransportMeans = Type.Object(
  {
    mode: Type.Optional(
      Code('transport-mode', {
        ...technical,
        description: 'UN/ECE Recommendation 19: 1 sea, 2 rail, 3 road, 4 air',
      }),
    ),
    name: Type.Optional(Words({ ...wco('Name'), description: 'Name of the vessel, as written' })),
    imo: Type.Optional(Code('imo', wco('ID'))),
    registration: Type.Optional(Short({ ...personal, description: 'Plate, tail number or wagon number' })),
    nationality: Type.Optional(Code('country', wco('RegistrationNationalityCode'))),
    journey: Type.Optional(Short({ ...wco('JourneyID'), description: 'Voyage, flight or train number' })),
  },
  { ...closed, ...commercial, ...wco('BorderTransportMeans') },
);

const routePoints = ['departure', 'loading', 'transit', 'border', 'unloading', 'destination'] as const;

/** One place of the route. */
const RoutePoint = Type.Object(
  {
    point: Type.Enum(routePoints, technical),
    locode: Type.Optional(Code('locode', wco('Itinerary/ID'))),
    country: Type.Optional(Code('country', wco('Itinerary/RoutingCountryCode'))),
    customsOffice: Type.Optional(Code('customs-office')),
    at: Type.Optional(Acquired),
  },
  { ...closed, ...commercial, ...wco('Itinerary') },
);

/** One line of goods. Masses in kilograms. */
const GoodsItem = Type.Object(
  {
    hs: Type.Optional(Code('hs', wco('Commodity/Classification/ID'))),
    description: Type.Optional(Words(wco('Commodity/Description'))),
    origin: Type.Optional(Code('country', wco('Origin/CountryCode'))),
    grossMassKg: Type.Optional(Type.Number({ minimum: 0, ...wco('GoodsMeasure/GrossMassMeasure') })),
    packages: Type.Optional(
      Type.Object(
        {
          count: Type.Optional(Type.Integer({ minimum: 0, ...wco('Packaging/QuantityQuantity') })),
          type: Type.Optional(Code('package', wco('Packaging/TypeCode'))),
          marks: Type.Optional(Words(wco('Packaging/MarksNumbersID'))),
        },
        closed,
      ),
    ),
    unNumber: Type.Optional(Code('un-number', { ...technical, ...wco('DangerousGoods/UNDGID') })),
  },
  { ...closed, ...commercial, ...wco('ConsignmentItem') },
);

/** What is carried under one contract of carriage, by the data elements of the WCO SAFE Framework. */
export const Consignment = Type.Object(
  {
    units: Type.Optional(
      Type.Array(Type.String({ maxLength: 64 }), {
        maxItems: 1024,
        ...technical,
        description: 'Ids of the units that contain the consignment; if absent, all units',
      }),
    ),
    mrn: Type.Optional(Short({ description: 'Movement reference number' })),
    ucr: Type.Optional(
      Type.String({ maxLength: 35, ...wco('UCR/ID'), description: 'Unique consignment reference (WCO)' }),
    ),
    procedure: Type.Optional(Short({ ...wco('GovernmentProcedure/CurrentCode') })),
    hsEdition: Type.Optional(
      Type.Integer({
        minimum: 1988,
        maximum: 2100,
        ...technical,
        description: 'Year of the Harmonized System',
      }),
    ),
    items: Type.Optional(Type.Array(GoodsItem, { maxItems: 1024 })),
    parties: Type.Optional(Type.Array(Party, { maxItems: 32 })),
    transportDocuments: Type.Optional(Type.Array(TransportDocument, { maxItems: 64 })),
    means: Type.Optional(Type.Array(TransportMeans, { maxItems: 16 })),
    route: Type.Optional(Type.Array(RoutePoint, { maxItems: 64 })),
  },
  { ...closed, ...commercial, ...wco('Consignment') },
);
export type Consignment = Static<typeof Consignment>;

export const CONSIGNMENTS_CEILING = 256;

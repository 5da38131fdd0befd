import Type, { type Static } from 'typebox';
import { wco } from '../disclosure/field-class.ts';
import { Code } from '../trade/codes.ts';

const closed = { additionalProperties: false } as const;

/** Where the scanner stands. */
export const Place = Type.Object(
  {
    country: Type.Optional(Code('country')),
    administration: Type.Optional(Type.String({ maxLength: 256, description: 'Name of the authority' })),
    customsOffice: Type.Optional(Code('customs-office', wco('ControlOffice/ID'))),
    locode: Type.Optional(Code('locode')),
    coordinates: Type.Optional(
      Type.Object(
        {
          latitude: Type.Number({ minimum: -90, maximum: 90 }),
          longitude: Type.Number({ minimum: -180, maximum: 180 }),
        },
        { ...closed, description: 'Degrees, WGS 84' },
      ),
    ),
    zone: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z][A-Za-z0-9_+/-]{0,63}$',
        description: 'IANA time zone name, such as Europe/Amsterdam',
      }),
    ),
  },
  closed,
);
export type Place = Static<typeof Place>;

import Type, { type Static } from 'typebox';

/** What an administrator says of a scanner. Kept as an object, so that a rebuilt database knows who may add files. */
export const StoredRegister = Type.Object(
  {
    administration: Type.String(),
    site: Type.String(),
    id: Type.String(),
    sendersAllowed: Type.Immutable(
      Type.Array(Type.String(), { description: 'Besides the sender of a scan, these may add files to it' }),
    ),
    version: Type.Integer({
      minimum: 0,
      description: 'Counts up with each change; 0: nobody has said anything',
    }),
  },
  { additionalProperties: false },
);
export type StoredRegister = Static<typeof StoredRegister>;

export type ScannerRegister = Pick<StoredRegister, 'sendersAllowed' | 'version'>;

export const emptyRegister: ScannerRegister = { sendersAllowed: [], version: 0 };

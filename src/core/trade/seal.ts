import Type, { type Static } from 'typebox';
import { commercial, wco } from '../disclosure/field-class.ts';
import { Acquired } from '../scan/circumstances.ts';

const closed = { additionalProperties: false } as const;
const Short = (options = {}) => Type.String({ maxLength: 128, ...options });

/** What an electronic seal stored (ISO 18185): a fact that was read, not judged. */
const SealEvent = Type.Object(
  {
    type: Type.Enum(['closed', 'opened', 'tampered', 'low-battery', 'read', 'other']),
    at: Type.Optional(Acquired),
    written: Type.Optional(Short({ description: 'As reported by the seal reader' })),
  },
  closed,
);

export const Seal = Type.Object(
  {
    number: Short({ minLength: 1, ...wco('ID') }),
    class: Type.Optional(
      Type.Enum(['I', 'S', 'H'], { description: 'ISO 17712: indicative, security, high security' }),
    ),
    issuer: Type.Optional(
      Short({ ...wco('AffixingPartyRoleCode'), description: 'The party that applied the seal, as written' }),
    ),
    condition: Type.Optional(Type.Enum(['intact', 'damaged', 'missing', 'replaced', 'unknown'])),
    events: Type.Optional(Type.Array(SealEvent, { maxItems: 256 })),
  },
  { ...closed, ...commercial, ...wco('TransportEquipment/Seal') },
);
export type Seal = Static<typeof Seal>;

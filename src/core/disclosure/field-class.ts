/** What a field tells, which decides who may be given it. */
export const fieldClasses = ['technical', 'personal', 'commercial'] as const;
export type FieldClass = (typeof fieldClasses)[number];

/** Classes that can be left out of a record; what is technical never is. */
export const maskedClasses = ['personal', 'commercial'] as const;
export type MaskedClass = (typeof maskedClasses)[number];

/** Keyword of our schemas: the classes of a field and of all below it that say nothing else. */
export const CLASS_KEYWORD = 'x-nii-class';
/** Keyword of our schemas: the class or attribute of the WCO Data Model that the field follows. */
export const WCO_KEYWORD = 'x-wco';

/** Names or describes a natural person, or leads to one: an operator, a plate, a trader's name. */
export const personal = { [CLASS_KEYWORD]: ['personal'] } as const;
/** Tells what is traded by whom. */
export const commercial = { [CLASS_KEYWORD]: ['commercial'] } as const;
/** Free text that may be either: it goes when one of the two goes. */
export const personalAndCommercial = { [CLASS_KEYWORD]: ['personal', 'commercial'] } as const;
/** Inside of what is personal or commercial: this is neither. */
export const technical = { [CLASS_KEYWORD]: ['technical'] } as const;

/** The field follows this name of the WCO Data Model. */
export function wco<const Name extends string>(name: Name) {
  return { [WCO_KEYWORD]: name } as const;
}

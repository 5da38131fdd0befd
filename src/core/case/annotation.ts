import Type, { type Static } from 'typebox';
import { AnnotationText, Corner, MOST_CORNERS, place } from './region.ts';

/** What a reader draws or writes on the picture of a case. */

const closed = { additionalProperties: false } as const;
const Time = Type.String({ format: 'date-time' });
const Person = Type.String({ description: 'Id of the person' });

export const AnnotationShape = Type.Enum(['point', 'box', 'polygon', 'arrow', 'text']);
export type AnnotationShape = Static<typeof AnnotationShape>;

/** What she draws; `text` is what she writes beside it. */
const drawn = {
  shape: AnnotationShape,
  ...place,
  points: Type.Array(Corner, {
    minItems: 1,
    maxItems: MOST_CORNERS,
    description:
      'In stored samples of the view. point, text: the sample; arrow: tail and head; box: two opposite corners; polygon: its corners. Corners lie at the edges of samples: 0 is before the first one',
  }),
  text: Type.Optional(AnnotationText),
};

const id = Type.String({
  pattern: '^[0-9a-f]{32}$',
  description: 'Drawn by the sender, 128 random bits: the same id with the same shape is the same annotation',
});

export const NewAnnotation = Type.Object({ id, ...drawn }, closed);
export type NewAnnotation = Static<typeof NewAnnotation>;

export const AnnotationChange = Type.Object(
  {
    points: Type.Optional(drawn.points),
    text: Type.Optional(
      Type.Union([AnnotationText, Type.Null()], { description: 'null takes the text away' }),
    ),
  },
  { ...closed, minProperties: 1 },
);
export type AnnotationChange = Static<typeof AnnotationChange>;

const shown = {
  id,
  ...drawn,
  revision: Type.Integer({ minimum: 1, description: 'Of the scan that the reader saw' }),
  version: Type.Integer({ minimum: 1, description: 'Counts its changes; for If-Match' }),
  madeBy: Person,
  madeAt: Time,
  changedAt: Time,
  removed: Type.Optional(
    Type.Object({ by: Person, at: Time }, { ...closed, description: 'It is kept, and no longer shown' }),
  ),
};

export const Annotation = Type.Object(shown, closed);
export type Annotation = Static<typeof Annotation>;

/** As it is kept, an object for each version. */
export const StoredAnnotation = Type.Object(
  {
    ...shown,
    caseId: Type.String(),
    administration: Type.String(),
    site: Type.String(),
    opening: Type.Integer({ minimum: 0, description: 'How often the case had been reopened' }),
  },
  closed,
);
export type StoredAnnotation = Static<typeof StoredAnnotation>;

/** As it is shown: that a case was reopened is nothing for its reader. */
export function toAnnotation(stored: StoredAnnotation): Annotation {
  const { caseId, administration, site, opening, ...annotation } = stored;
  return annotation;
}

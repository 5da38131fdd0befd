import Type, { type Static } from 'typebox';

const closed = { additionalProperties: false } as const;
const Line = Type.String({ minLength: 1, maxLength: 512 });

/** What a fact of a layout rests on, from the firmest down. */
export const Basis = Type.Enum(['standard', 'published', 'checked', 'stated', 'derived'], {
  description:
    'standard: from a public standard; published: by its maker; checked: in real files; stated: in public code, without a real file; derived: our inference',
});
export type Basis = Static<typeof Basis>;

const Fact = Type.Object(
  {
    of: Type.Enum(['recognition', 'grouping', 'pixels', 'metadata'], { description: 'Subject of the fact' }),
    fact: Line,
    basis: Basis,
    source: Type.Optional(Line),
  },
  closed,
);

/** What the documentation says of a format, and what its ratings are computed from. */
export const About = Type.Object(
  {
    files: Type.String({ minLength: 1, maxLength: 512, description: 'Files of one scan, in words' }),
    writers: Type.Enum(['many', 'one', 'ours'], {
      description: 'Who writes such files: several makers, one maker, or only this project',
    }),
    realFiles: Type.Boolean({ description: 'Real files have been read' }),
    facts: Type.Array(Fact, { minItems: 1, maxItems: 64 }),
    have: Type.Array(Line, { minItems: 1, maxItems: 16, description: 'Available sources of the format' }),
    want: Type.Array(Line, { maxItems: 16, description: 'Information that would improve the converter' }),
  },
  { ...closed, description: 'For docs/reference/formats.md; the ratings there are computed from it' },
);
export type About = Static<typeof About>;

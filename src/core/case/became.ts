import Type, { type Static } from 'typebox';

/** The result of a decided case, as far as the person who decided it may see it. */
export const Became = Type.Enum(
  ['open', 'in-search', 'found', 'nothing-found', 'not-searched', 'disputed', 'recalled'],
  {
    description:
      'open: somebody may still read the image. not-searched: it went by the verdict, or could not be searched. disputed: readers disagree. recalled: the case was opened again after the verdict',
  },
);
export type Became = Static<typeof Became>;

import Type, { type Static } from 'typebox';

/** What became of a case that somebody decided, as she may know it. */
export const Became = Type.Enum(
  ['open', 'in-search', 'found', 'nothing-found', 'not-searched', 'disputed', 'recalled'],
  {
    description:
      'open: somebody may still read the image. not-searched: it went by the verdict, or could not be searched. disputed: readers disagree. recalled: the case was opened again after the verdict',
  },
);
export type Became = Static<typeof Became>;

import Type, { type Static } from 'typebox';

export const AdviceWords = Type.String({ minLength: 1, maxLength: 4096 });

const Said = Type.Object(
  { at: Type.String({ format: 'date-time' }), words: AdviceWords },
  { additionalProperties: false },
);

/** Questions of a reader about the claimed case, and the answers of colleagues. Ends with the claim; the history keeps it. */
export const Advice = Type.Object(
  {
    questions: Type.Array(Said),
    colleagues: Type.Array(
      Type.Object(
        {
          by: Type.String({ description: 'Id of the person' }),
          at: Type.String({ format: 'date-time', description: 'The person observes from this time on' }),
          answers: Type.Array(Said),
        },
        { additionalProperties: false },
      ),
      { description: 'Observers; none of them reads or settles the case later' },
    ),
  },
  { additionalProperties: false },
);
export type Advice = Static<typeof Advice>;

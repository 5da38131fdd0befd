import { useCallback } from 'react';
import { type AdviceGiven, api, bodyOf } from '../api/client.ts';
import { useQuery } from '../api/query.ts';
import { words } from '../words/words.ts';

const about = ['advice', 'case'] as const;

/** What is asked and said on a case, as it is said. */
export function useAdvice(caseId: string) {
  const ask = useCallback(
    async (): Promise<AdviceGiven> =>
      bodyOf(await api.GET('/v1/cases/{caseId}/advice', { params: { path: { caseId } } })),
    [caseId],
  );
  return useQuery(ask, about);
}

/** The questions, the observers, and their answers. */
export function AdviceConversation({ advice }: { readonly advice: AdviceGiven | undefined }) {
  if (advice === undefined || advice.questions.length === 0) return null;
  const { questions, colleagues } = advice;
  return (
    <div role="log" aria-label={words('advice.title')}>
      {questions.map((question) => (
        <p key={question.at} className="quiet">
          {words('advice.asked', { question: question.words })}
        </p>
      ))}
      {colleagues.length === 0 && <p className="quiet">{words('advice.nobody')}</p>}
      {colleagues.map(({ by, name = by, answers }) => (
        <div key={by}>
          {answers.length === 0 && <p className="quiet">{words('advice.looksAlong', { name })}</p>}
          {answers.map((answer) => (
            <p key={answer.at} className="notice">
              {words('advice.answered', { name, words: answer.words })}
            </p>
          ))}
        </div>
      ))}
    </div>
  );
}

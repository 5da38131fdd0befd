import { useCallback, useState } from 'react';
import { Button } from 'react-aria-components';
import { useAction } from '../api/action.ts';
import { type AdviceGiven, api, bodyOf } from '../api/client.ts';
import { useQuery } from '../api/query.ts';
import { Form, TextArea } from '../shell/form.tsx';
import { goTo } from '../shell/location.ts';
import { ProblemNotice } from '../shell/problem.tsx';
import { ReasonButton } from '../shell/reason-dialog.tsx';
import { words } from '../words/words.ts';

const about = ['advice', 'case'] as const;

/** What is asked and said on a case, as it is said. */
function useAdvice(caseId: string) {
  const ask = useCallback(
    async (): Promise<AdviceGiven> =>
      bodyOf(await api.GET('/v1/cases/{caseId}/advice', { params: { path: { caseId } } })),
    [caseId],
  );
  return useQuery(ask, about);
}

/** The questions, the observers, and their answers. */
function AdviceConversation({ advice }: { readonly advice: AdviceGiven | undefined }) {
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

/** For the reader of a case: asks for advice, and shows who observes and what they answer, as it comes. */
export function AskAdvice({ caseId }: { readonly caseId: string }) {
  // the page already says elsewhere why answers fail to load
  const { value, reload } = useAdvice(caseId);
  const { problem, run } = useAction();
  const ask = async (question: string) => {
    await run(async () => {
      await api.POST('/v1/cases/{caseId}/advice', { params: { path: { caseId } }, body: { question } });
    });
    await reload();
  };
  return (
    <section aria-label={words('advice.title')}>
      <div className="row">
        <ReasonButton
          name={words('advice.ask')}
          label={words('advice.question')}
          send={words('advice.send')}
          onSend={(question) => void ask(question)}
        />
      </div>
      <AdviceConversation advice={value} />
      {problem !== undefined && <ProblemNotice message={problem} />}
    </section>
  );
}

/** For a colleague who observes a case: the question, what was said, and an answer of their own. It has no verdict. */
export function GiveAdvice({ caseId }: { readonly caseId: string }) {
  const { value, problem: missing, reload } = useAdvice(caseId);
  const [text, setText] = useState('');
  const { problem, run } = useAction();
  const isOver = missing !== undefined || value?.questions.length === 0;
  const answer = async () => {
    await run(async () => {
      const body = { words: text.trim() };
      await api.POST('/v1/cases/{caseId}/advice/answer', { params: { path: { caseId } }, body });
      setText('');
    });
    await reload();
  };
  return (
    <Form label={words('advice.title')} onSubmit={() => text.trim() !== '' && void answer()}>
      <p className="notice" role="status">
        {words(isOver ? 'advice.over' : 'advice.along')}
      </p>
      <AdviceConversation advice={value} />
      <TextArea label={words('advice.answer')} value={text} onChange={setText} />
      {problem !== undefined && <ProblemNotice message={problem} />}
      <div className="row">
        <Button className="button" onPress={() => goTo('/')}>
          {words('advice.leave')}
        </Button>
        <Button className="button main" type="submit" isDisabled={isOver || text.trim() === ''}>
          {words('advice.send')}
        </Button>
      </div>
    </Form>
  );
}

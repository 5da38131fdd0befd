import { useAction } from '../api/action.ts';
import { api } from '../api/client.ts';
import { ProblemNotice } from '../shell/problem.tsx';
import { ReasonButton } from '../shell/reason-dialog.tsx';
import { words } from '../words/words.ts';
import { AdviceConversation, useAdvice } from './conversation.tsx';

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

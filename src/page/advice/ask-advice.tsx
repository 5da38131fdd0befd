import { useState } from 'react';
import { Button } from 'react-aria-components';
import { api, rejectionText } from '../api/client.ts';
import { ProblemNotice } from '../shell/problem.tsx';
import { ReasonDialog } from '../shell/reason-dialog.tsx';
import { words } from '../words/words.ts';
import { AdviceConversation, useAdvice } from './conversation.tsx';

/** Advice on the case in hand: she asks, and sees who looks along and what they say, as they say it. */
export function AskAdvice({ caseId }: { readonly caseId: string }) {
  // why the answers do not come, the page says elsewhere: the line is lost, or the case
  const { value, reload } = useAdvice(caseId);
  const [isAsking, setAsking] = useState(false);
  const [problem, setProblem] = useState<string>();
  const ask = async (question: string) => {
    setProblem(undefined);
    try {
      await api.POST('/v1/cases/{caseId}/advice', { params: { path: { caseId } }, body: { question } });
    } catch (error) {
      setProblem(rejectionText(error));
    }
    await reload();
  };
  return (
    <section aria-label={words('advice.title')}>
      <div className="row">
        <Button className="button" onPress={() => setAsking(true)}>
          {words('advice.ask')}
        </Button>
      </div>
      <AdviceConversation advice={value} />
      {problem !== undefined && <ProblemNotice message={problem} />}
      <ReasonDialog
        title={isAsking ? words('advice.ask') : undefined}
        label={words('advice.question')}
        send={words('advice.send')}
        onClose={() => setAsking(false)}
        onSend={(question) => void ask(question)}
      />
    </section>
  );
}

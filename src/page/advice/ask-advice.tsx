import { useState } from 'react';
import { Button } from 'react-aria-components';
import { api, rejectionOf } from '../api/client.ts';
import { Trouble } from '../shell/trouble.tsx';
import { WhyDialog } from '../shell/why-dialog.tsx';
import { words } from '../words/words.ts';
import { Said, useAdvice } from './said.tsx';

/** Advice on the case in hand: she asks, and sees who looks along and what they say, as they say it. */
export function AskAdvice({ caseId }: { readonly caseId: string }) {
  // why the answers do not come, the page says elsewhere: the line is lost, or the case
  const { value, again } = useAdvice(caseId);
  const [isAsking, setAsking] = useState(false);
  const [trouble, setTrouble] = useState<string>();
  const ask = async (question: string) => {
    setTrouble(undefined);
    try {
      await api.POST('/v1/cases/{caseId}/advice', { params: { path: { caseId } }, body: { question } });
    } catch (error) {
      setTrouble(rejectionOf(error));
    }
    await again();
  };
  return (
    <section aria-label={words('advice.title')}>
      <div className="row">
        <Button className="button" onPress={() => setAsking(true)}>
          {words('advice.ask')}
        </Button>
      </div>
      <Said advice={value} />
      {trouble !== undefined && <Trouble said={trouble} />}
      <WhyDialog
        title={isAsking ? words('advice.ask') : undefined}
        label={words('advice.question')}
        send={words('advice.send')}
        onClose={() => setAsking(false)}
        onSend={(question) => void ask(question)}
      />
    </section>
  );
}

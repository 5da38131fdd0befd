import { useState } from 'react';
import { Button } from 'react-aria-components';
import { api, rejectionText } from '../api/client.ts';
import { ReasonDialog } from '../shell/reason-dialog.tsx';
import { words } from '../words/words.ts';

interface Props {
  readonly caseId: string;
  /** Another analyst reads the case now. */
  readonly onAsked: () => void;
}

/** Asks for another reading of what she decided, with the reason. */
export function RequestSecondReading({ caseId, onAsked }: Props) {
  const [isAsking, setAsking] = useState(false);
  const [problem, setProblem] = useState<string>();
  const ask = async (why: string) => {
    setProblem(undefined);
    try {
      const params = { path: { caseId } };
      await api.POST('/v1/cases/{caseId}/second-opinion', { params, body: { why } });
      onAsked();
    } catch (error) {
      setProblem(rejectionText(error));
    }
  };
  return (
    <>
      <Button className="button" onPress={() => setAsking(true)}>
        {words('again.ask')}
      </Button>
      {problem !== undefined && <span role="alert">{problem}</span>}
      <ReasonDialog
        title={isAsking ? words('again.ask') : undefined}
        label={words('again.why')}
        onClose={() => setAsking(false)}
        onSend={(why) => void ask(why)}
      />
    </>
  );
}

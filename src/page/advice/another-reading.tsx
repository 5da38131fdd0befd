import { useState } from 'react';
import { Button } from 'react-aria-components';
import { api, rejectionOf } from '../api/client.ts';
import { WhyDialog } from '../shell/why-dialog.tsx';
import { words } from '../words/words.ts';

interface Props {
  readonly caseId: string;
  /** Another analyst reads the case now. */
  readonly onAsked: () => void;
}

/** Asks for another reading of what she decided, with the reason. */
export function AnotherReading({ caseId, onAsked }: Props) {
  const [isAsking, setAsking] = useState(false);
  const [trouble, setTrouble] = useState<string>();
  const ask = async (why: string) => {
    setTrouble(undefined);
    try {
      const params = { path: { caseId } };
      await api.POST('/v1/cases/{caseId}/second-opinion', { params, body: { why } });
      onAsked();
    } catch (error) {
      setTrouble(rejectionOf(error));
    }
  };
  return (
    <>
      <Button className="button" onPress={() => setAsking(true)}>
        {words('again.ask')}
      </Button>
      {trouble !== undefined && <span role="alert">{trouble}</span>}
      <WhyDialog
        title={isAsking ? words('again.ask') : undefined}
        label={words('again.why')}
        onClose={() => setAsking(false)}
        onSend={(why) => void ask(why)}
      />
    </>
  );
}

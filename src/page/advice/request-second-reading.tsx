import { useAction } from '../api/action.ts';
import { api } from '../api/client.ts';
import { ReasonButton } from '../shell/reason-dialog.tsx';
import { words } from '../words/words.ts';

interface Props {
  readonly caseId: string;
  /** Another analyst reads the case now. */
  readonly onAsked: () => void;
}

/** Asks for another reading of the decided case, with the reason. */
export function RequestSecondReading({ caseId, onAsked }: Props) {
  const { problem, run } = useAction();
  const ask = (why: string) =>
    run(async () => {
      const params = { path: { caseId } };
      await api.POST('/v1/cases/{caseId}/second-opinion', { params, body: { why } });
      onAsked();
    });
  return (
    <>
      <ReasonButton name={words('again.ask')} label={words('again.why')} onSend={(why) => void ask(why)} />
      {problem !== undefined && <span role="alert">{problem}</span>}
    </>
  );
}

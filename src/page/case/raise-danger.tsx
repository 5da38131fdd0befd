import { useState } from 'react';
import { Button } from 'react-aria-components';
import { useAction } from '../api/action.ts';
import { api } from '../api/client.ts';
import { useKeys } from '../shell/keys.ts';
import { ProblemNotice } from '../shell/problem.tsx';
import { ReasonDialog } from '../shell/reason-dialog.tsx';
import { words } from '../words/words.ts';

/** The alarm that a person may be in danger: before the verdict, and asked for once more, because a key is easily hit. */
export function RaiseDanger({ caseId }: { readonly caseId: string }) {
  const [isAsking, setAsking] = useState(false);
  const [isRaised, setRaised] = useState(false);
  const { problem, run } = useAction();
  useKeys([['!', () => setAsking(true)]]);
  const raise = (note: string) =>
    run(async () => {
      const body = note === '' ? {} : { note };
      await api.POST('/v1/cases/{caseId}/danger', { params: { path: { caseId } }, body });
      setRaised(true);
    });
  return (
    <div className="row">
      {isRaised ? (
        <p className="notice bad" role="status">
          {words('danger.raised')}
        </p>
      ) : (
        <Button className="button" onPress={() => setAsking(true)}>
          {words('danger.raise')} <kbd>!</kbd>
        </Button>
      )}
      {problem !== undefined && <ProblemNotice message={problem} />}
      <ReasonDialog
        title={isAsking ? words('danger.raise.title') : undefined}
        label={words('danger.raise.note')}
        send={words('danger.raise.send')}
        isOptional
        onClose={() => setAsking(false)}
        onSend={(note) => void raise(note)}
      />
    </div>
  );
}

import { useState } from 'react';
import { Button } from 'react-aria-components';
import { type Hold, rejectionText, type Versioned } from '../api/client.ts';
import { ProblemNotice } from '../shell/problem.tsx';
import { words } from '../words/words.ts';
import { type Ending, sendEnding } from './adjudication.ts';
import { Choice } from './choice.tsx';

interface Props {
  readonly seen: Versioned<Hold>;
  readonly onDone: (value: Versioned<Hold>) => void;
  readonly onRejected: () => Promise<void>;
}

const endings: readonly Ending['kind'][] = ['released', 'detained', 'returned'];

/** What became of a confirmed alarm. */
export function EndHold({ seen, onDone, onRejected }: Props) {
  const [kind, setKind] = useState<Ending['kind']>();
  const [reference, setReference] = useState('');
  const [problem, setProblem] = useState<string>();
  const send = async () => {
    if (kind === undefined) return;
    setProblem(undefined);
    try {
      onDone(await sendEnding(seen, { kind, ...(reference.trim() === '' ? {} : { reference }) }));
    } catch (error) {
      setProblem(rejectionText(error));
      await onRejected();
    }
  };
  return (
    <form
      className="verdict"
      aria-label={words('radiation.ending')}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <Choice
        name={words('radiation.ending')}
        values={endings}
        value={kind}
        wordOf={(one) => words(`radiation.ending.${one}`)}
        onChange={setKind}
      />
      <label>
        <span className="quiet">{words('radiation.reference')}</span>
        <input value={reference} maxLength={256} onChange={(event) => setReference(event.target.value)} />
      </label>
      {problem !== undefined && <ProblemNotice message={problem} />}
      <Button className="button main" type="submit" isDisabled={kind === undefined}>
        {words('adjudication.send')}
      </Button>
    </form>
  );
}

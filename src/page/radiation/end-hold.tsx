import { useState } from 'react';
import { Button } from 'react-aria-components';
import { type Hold, rejectionOf, type Seen } from '../api/client.ts';
import { Trouble } from '../shell/trouble.tsx';
import { words } from '../words/words.ts';
import { type Ending, sendEnding } from './adjudication.ts';
import { Choice } from './choice.tsx';

interface Props {
  readonly seen: Seen<Hold>;
  readonly onDone: (value: Seen<Hold>) => void;
  readonly onRejected: () => Promise<void>;
}

const endings: readonly Ending['kind'][] = ['released', 'detained', 'returned'];

/** What became of a confirmed alarm. */
export function EndHold({ seen, onDone, onRejected }: Props) {
  const [kind, setKind] = useState<Ending['kind']>();
  const [reference, setReference] = useState('');
  const [trouble, setTrouble] = useState<string>();
  const send = async () => {
    if (kind === undefined) return;
    setTrouble(undefined);
    try {
      onDone(await sendEnding(seen, { kind, ...(reference.trim() === '' ? {} : { reference }) }));
    } catch (error) {
      setTrouble(rejectionOf(error));
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
      {trouble !== undefined && <Trouble said={trouble} />}
      <Button className="button main" type="submit" isDisabled={kind === undefined}>
        {words('adjudication.send')}
      </Button>
    </form>
  );
}

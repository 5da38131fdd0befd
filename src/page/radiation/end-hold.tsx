import { useState } from 'react';
import { Button } from 'react-aria-components';
import type { HoldEnding } from '../../core/radiation/hold-states.ts';
import { useAction } from '../api/action.ts';
import type { Hold, Versioned } from '../api/client.ts';
import { Choice, Form, TextField } from '../shell/form.tsx';
import { ProblemNotice } from '../shell/problem.tsx';
import { words } from '../words/words.ts';
import { endings, sendEnding } from './adjudication.ts';

interface Props {
  readonly seen: Versioned<Hold>;
  readonly onDone: (value: Versioned<Hold>) => void;
  readonly onRejected: () => Promise<void>;
}

/** How a confirmed alarm ended. */
export function EndHold({ seen, onDone, onRejected }: Props) {
  const [kind, setKind] = useState<HoldEnding>();
  const [reference, setReference] = useState('');
  const { problem, run } = useAction();
  const send = async () => {
    if (kind === undefined) return;
    const ending = reference.trim() === '' ? { kind } : { kind, reference };
    await run(async () => onDone(await sendEnding(seen, ending)), onRejected);
  };
  return (
    <Form label={words('radiation.ending')} onSubmit={() => void send()}>
      <Choice
        label={words('radiation.ending')}
        values={endings}
        value={kind}
        textOf={(one) => words(`radiation.ending.${one}`)}
        onChange={setKind}
      />
      <TextField label={words('radiation.reference')} value={reference} onChange={setReference} />
      {problem !== undefined && <ProblemNotice message={problem} />}
      <Button className="button main" type="submit" isDisabled={kind === undefined}>
        {words('adjudication.send')}
      </Button>
    </Form>
  );
}

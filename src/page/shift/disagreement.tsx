import { useState } from 'react';
import { Button } from 'react-aria-components';
import { defined } from '../../core/defined.ts';
import { useAction } from '../api/action.ts';
import { api, type Case } from '../api/client.ts';
import { useRecord } from '../case/loading/record.ts';
import type { Draft } from '../case/verdict/draft.ts';
import { VerdictForm } from '../case/verdict/form.tsx';
import { reasonInWords, useReasons, usualReason } from '../reasons/reasons.ts';
import { Preview } from '../search/preview.tsx';
import { words } from '../words/words.ts';
import { versionOf } from './queries.ts';

interface Props {
  readonly value: Case;
  readonly nameOf: (id: string) => string;
  readonly onSettled: () => void;
}

/** A case on which readers disagree: what each said and marked, and the last word. */
export function Disagreement({ value, nameOf, onSettled }: Props) {
  const [isOpen, setOpen] = useState(false);
  const reasons = useReasons();
  return (
    <li className="disagreement">
      <Button className="button" aria-expanded={isOpen} onPress={() => setOpen(!isOpen)}>
        {value.container ?? value.id}
      </Button>
      <ul>
        {value.verdicts.map(({ analyst, kind, reason, note, at }) => (
          <li key={at}>
            {nameOf(analyst)}: {words(`verdict.${kind}`)}, {reasonInWords(reasons, reason)}
            {note === undefined ? '' : ` – ${note}`}
          </li>
        ))}
      </ul>
      {isOpen && <Settle value={value} onSettled={onSettled} />}
    </li>
  );
}

function Settle({ value, onSettled }: Omit<Props, 'nameOf'>) {
  const [draft, setDraft] = useState<Draft>({ note: '' });
  const { isBusy, problem, run } = useAction();
  const record = useRecord(value.scanId, value.revision);
  const reasons = useReasons();
  const send = async () => {
    const { kind, reason = usualReason(reasons, draft.kind), note } = draft;
    if (kind === undefined || reason === undefined) return;
    await run(async () => {
      const body = { kind, reason, ...defined({ note: note.trim() === '' ? undefined : note }) };
      await api.POST('/v1/cases/{caseId}/settlement', { params: versionOf(value), body });
      onSettled();
    });
  };
  return (
    <div className="settle">
      <Preview
        scanId={value.scanId}
        revision={value.revision}
        record={record}
        regions={value.verdicts.flatMap(({ regions = [] }) => regions)}
      />
      <VerdictForm
        {...{ draft, isBusy, problem }}
        change={(changes) => setDraft((before) => ({ ...before, ...changes }))}
        isHeld
        isShown
        onSend={() => void send()}
      />
    </div>
  );
}

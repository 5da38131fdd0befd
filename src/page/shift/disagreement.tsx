import { useState } from 'react';
import { Button } from 'react-aria-components';
import { api, type Case, rejectionText } from '../api/client.ts';
import type { Decision } from '../case/claim.ts';
import { useRecord } from '../case/loading/record.ts';
import { VerdictForm } from '../case/verdict/form.tsx';
import { reasonInWords, useReasons, usualReason } from '../reasons/reasons.ts';
import { Preview } from '../search/preview.tsx';
import { words } from '../words/words.ts';

interface Props {
  readonly value: Case;
  readonly nameOf: (id: string) => string;
  readonly onSettled: () => void;
}

interface Draft {
  readonly kind?: Decision['kind'];
  readonly reason?: Decision['reason'] | undefined;
  readonly note: string;
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
  const [problem, setProblem] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const record = useRecord(value.scanId, value.revision);
  const reasons = useReasons();
  const send = async () => {
    const { kind, reason = usualReason(reasons, draft.kind), note } = draft;
    if (kind === undefined || reason === undefined) return;
    setBusy(true);
    setProblem(undefined);
    try {
      const header = { 'if-match': value.tag === undefined ? '*' : `"${value.tag}"` };
      await api.POST('/v1/cases/{caseId}/settlement', {
        params: { path: { caseId: value.id }, header },
        body: { kind, reason, ...(note.trim() === '' ? {} : { note }) },
      });
      onSettled();
    } catch (error) {
      setProblem(rejectionText(error));
    } finally {
      setBusy(false);
    }
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
        draft={{ ...draft, regions: [] }}
        change={(changes) => setDraft((before) => ({ ...before, ...changes }))}
        isBusy={isBusy}
        isHeld
        isShown
        problem={problem}
        onSend={() => void send()}
      />
    </div>
  );
}

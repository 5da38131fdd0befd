import { useState } from 'react';
import { Button, Label, Radio, RadioGroup } from 'react-aria-components';
import { api, type Case, type Outcome, rejectionText, type Versioned, versionedFrom } from '../api/client.ts';
import { ProblemNotice } from '../shell/problem.tsx';
import { words } from '../words/words.ts';

const kinds = ['found', 'nothing-found', 'unsearched'] as const;
const methods = ['opened', 'partly-unloaded', 'unloaded', 'dog', 'trace', 'other'] as const;
const extents = ['spot', 'part', 'full'] as const;

type Draft = Partial<Outcome>;
const keyOf = (caseId: string) => `nii-outcome-${caseId}`;

/** What was written so far, kept in this browser: the line at the dock may break. */
function stored(caseId: string): Draft {
  try {
    return JSON.parse(window.localStorage.getItem(keyOf(caseId)) ?? '{}') as Draft;
  } catch {
    return {};
  }
}

/** Without what was left empty. */
function outcomeIn({ kind, ...others }: Draft): Outcome | undefined {
  if (kind === undefined) return undefined;
  const said = Object.entries(others).filter(([, value]) => value.trim() !== '');
  return { kind, ...Object.fromEntries(said) };
}

/** Records what a search found, on the version of the case that was read. @throws Rejected */
async function recordOutcome({ value, tag }: Versioned<Case>, outcome: Outcome): Promise<Versioned<Case>> {
  const params = { path: { caseId: value.id }, header: { 'if-match': tag } };
  return versionedFrom(await api.POST('/v1/cases/{caseId}/outcome', { params, body: outcome }));
}

interface Props {
  readonly seen: Versioned<Case>;
  /** Photographs are on their way, which the outcome is to name. */
  readonly isWaiting: boolean;
  readonly onRecorded: (value: Versioned<Case>) => void;
  /** It was rejected; the case may be another by now. */
  readonly onRejected: () => Promise<void>;
}

export function OutcomeForm({ seen, isWaiting, onRecorded, onRejected }: Props) {
  const caseId = seen.value.id;
  const [draft, setDraft] = useState(() => stored(caseId));
  const [problem, setProblem] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const change = (changes: Draft) => {
    const next = { ...draft, ...changes };
    window.localStorage.setItem(keyOf(caseId), JSON.stringify(next));
    setDraft(next);
  };
  const send = async () => {
    const outcome = outcomeIn(draft);
    if (outcome === undefined || isWaiting) return;
    setBusy(true);
    setProblem(undefined);
    try {
      onRecorded(await recordOutcome(seen, outcome));
      window.localStorage.removeItem(keyOf(caseId));
    } catch (error) {
      setProblem(rejectionText(error));
      await onRejected();
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      className="verdict outcome"
      aria-label={words('outcome.title')}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <RadioGroup
        value={draft.kind ?? null}
        onChange={(value) => {
          const kind = kinds.find((one) => one === value);
          if (kind !== undefined) change({ kind });
        }}
      >
        <Label className="quiet">{words('outcome.title')}</Label>
        <div className="kinds">
          {kinds.map((kind) => (
            <Radio key={kind} value={kind} className={`kind ${kind}`}>
              {words(`outcome.${kind}`)}
            </Radio>
          ))}
        </div>
      </RadioGroup>
      {draft.kind !== undefined && <span className="quiet">{words(`outcome.needs.${draft.kind}`)}</span>}
      <Words name={words('outcome.what')} value={draft.what} onChange={(what) => change({ what })} />
      <Words name={words('outcome.where')} value={draft.where} onChange={(where) => change({ where })} />
      <label>
        <span className="quiet">{words('outcome.method')}</span>
        <select
          value={draft.method ?? ''}
          onChange={(event) => {
            const method = methods.find((one) => one === event.target.value);
            if (method !== undefined) change({ method });
          }}
        >
          <option value="" disabled />
          {methods.map((method) => (
            <option key={method} value={method}>
              {words(`outcome.method.${method}`)}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span className="quiet">{words('outcome.extent')}</span>
        <select
          value={draft.extent ?? ''}
          onChange={(event) => {
            const extent = extents.find((one) => one === event.target.value);
            if (extent !== undefined) change({ extent });
          }}
        >
          <option value="" disabled />
          {extents.map((extent) => (
            <option key={extent} value={extent}>
              {words(`outcome.extent.${extent}`)}
            </option>
          ))}
        </select>
      </label>
      <Words name={words('verdict.note')} value={draft.note} onChange={(note) => change({ note })} />
      {problem !== undefined && <ProblemNotice message={problem} />}
      {isWaiting && <span className="quiet">{words('photo.wait')}</span>}
      <Button
        className="button main"
        type="submit"
        isDisabled={isBusy || isWaiting || draft.kind === undefined}
      >
        {words(isBusy ? 'verdict.sending' : 'outcome.send')}
      </Button>
    </form>
  );
}

interface WordsProps {
  readonly name: string;
  readonly value: string | undefined;
  readonly onChange: (value: string) => void;
}

function Words({ name, value, onChange }: WordsProps) {
  return (
    <label>
      <span className="quiet">{name}</span>
      <textarea value={value ?? ''} maxLength={4096} onChange={(event) => onChange(event.target.value)} />
    </label>
  );
}

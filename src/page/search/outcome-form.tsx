import { useState } from 'react';
import { Button } from 'react-aria-components';
import { useAction } from '../api/action.ts';
import { api, type Case, type Outcome, type Versioned, versionedFrom } from '../api/client.ts';
import { keysOf, outcomeKinds } from '../case/kinds.ts';
import { Choice, Form, Kinds, TextArea } from '../shell/form.tsx';
import { ProblemNotice } from '../shell/problem.tsx';
import { words } from '../words/words.ts';

const methods = keysOf<NonNullable<Outcome['method']>>({
  opened: true,
  'partly-unloaded': true,
  unloaded: true,
  dog: true,
  trace: true,
  other: true,
});
const extents = keysOf<NonNullable<Outcome['extent']>>({ spot: true, part: true, full: true });

type Draft = Partial<Outcome>;
const keyOf = (caseId: string) => `nii-outcome-${caseId}`;

/** The draft that this browser keeps: the line at the dock may break. */
function storedDraft(caseId: string): Draft {
  try {
    return JSON.parse(window.localStorage.getItem(keyOf(caseId)) ?? '{}') as Draft;
  } catch {
    return {};
  }
}

function useOutcomeDraft(caseId: string) {
  const [draft, setDraft] = useState(() => storedDraft(caseId));
  const change = (changes: Draft) => {
    const next = { ...draft, ...changes };
    window.localStorage.setItem(keyOf(caseId), JSON.stringify(next));
    setDraft(next);
  };
  return { draft, change, forget: () => window.localStorage.removeItem(keyOf(caseId)) };
}

/** The outcome without the fields that were left empty; undefined before its kind is chosen. */
function outcomeFrom({ kind, ...others }: Draft): Outcome | undefined {
  if (kind === undefined) return undefined;
  const written = Object.entries(others).filter(([, value]) => value.trim() !== '');
  return { kind, ...Object.fromEntries(written) };
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
  const { draft, change, forget } = useOutcomeDraft(seen.value.id);
  const { isBusy, problem, run } = useAction();
  const send = async () => {
    const outcome = outcomeFrom(draft);
    if (outcome === undefined || isWaiting) return;
    const record = async () => {
      onRecorded(await recordOutcome(seen, outcome));
      forget();
    };
    await run(record, onRejected);
  };
  return (
    <Form className="verdict outcome" label={words('outcome.title')} onSubmit={() => void send()}>
      <OutcomeFields draft={draft} change={change} />
      {problem !== undefined && <ProblemNotice message={problem} />}
      {isWaiting && <span className="quiet">{words('photo.wait')}</span>}
      <Button
        className="button main"
        type="submit"
        isDisabled={isBusy || isWaiting || draft.kind === undefined}
      >
        {words(isBusy ? 'verdict.sending' : 'outcome.send')}
      </Button>
    </Form>
  );
}

interface FieldsProps {
  readonly draft: Draft;
  readonly change: (changes: Draft) => void;
}

function OutcomeFields({ draft, change }: FieldsProps) {
  return (
    <>
      <Kinds
        label={words('outcome.title')}
        values={outcomeKinds}
        value={draft.kind}
        contentOf={(kind) => words(`outcome.${kind}`)}
        onChange={(kind) => change({ kind })}
      />
      {draft.kind !== undefined && <span className="quiet">{words(`outcome.needs.${draft.kind}`)}</span>}
      <TextArea label={words('outcome.what')} value={draft.what} onChange={(what) => change({ what })} />
      <TextArea label={words('outcome.where')} value={draft.where} onChange={(where) => change({ where })} />
      <Choice
        label={words('outcome.method')}
        values={methods}
        value={draft.method}
        textOf={(method) => words(`outcome.method.${method}`)}
        onChange={(method) => change({ method })}
      />
      <Choice
        label={words('outcome.extent')}
        values={extents}
        value={draft.extent}
        textOf={(extent) => words(`outcome.extent.${extent}`)}
        onChange={(extent) => change({ extent })}
      />
      <TextArea label={words('verdict.note')} value={draft.note} onChange={(note) => change({ note })} />
    </>
  );
}

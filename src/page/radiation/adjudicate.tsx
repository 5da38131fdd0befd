import { useState } from 'react';
import { Button } from 'react-aria-components';
import { type Hold, rejectionText, type Versioned } from '../api/client.ts';
import { ProblemNotice } from '../shell/problem.tsx';
import { words } from '../words/words.ts';
import {
  type Answers,
  adjudicationFrom,
  decisions,
  fieldsFor,
  sendAdjudication,
  type TextField,
} from './adjudication.ts';
import { Choice } from './choice.tsx';

interface Props {
  readonly seen: Versioned<Hold>;
  readonly onDone: (value: Versioned<Hold>) => void;
  readonly onRejected: () => Promise<void>;
}

const bases = ['medical', 'norm', 'declared-source'] as const;
const inspections = ['not-done', 'under-way', 'nothing-found', 'found'] as const;
const instruments = ['riid', 'laboratory', 'other'] as const;

/** What the alarm is, with the codes that the decision needs. */
export function Adjudicate({ seen, onDone, onRejected }: Props) {
  const [answers, setAnswers] = useState<Answers>({ texts: {} });
  const [problem, setProblem] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const change = (changes: Partial<Answers>) => setAnswers((before) => ({ ...before, ...changes }));
  const given = adjudicationFrom(answers);
  const send = async () => {
    if (given === undefined) return;
    setBusy(true);
    setProblem(undefined);
    try {
      onDone(await sendAdjudication(seen, given));
    } catch (error) {
      setProblem(rejectionText(error));
      await onRejected();
    } finally {
      setBusy(false);
    }
  };
  const text = (field: TextField) => (
    <label key={field}>
      <span className="quiet">{words(`adjudication.field.${field}`)}</span>
      <input
        value={answers.texts[field] ?? ''}
        maxLength={256}
        inputMode={field === 'doseRate' ? 'decimal' : 'text'}
        onChange={(event) => change({ texts: { ...answers.texts, [field]: event.target.value } })}
      />
    </label>
  );
  return (
    <form
      className="verdict"
      aria-label={words('adjudication.title')}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <Choice
        name={words('adjudication.title')}
        values={decisions}
        value={answers.decision}
        wordOf={(one) => words(`adjudication.${one}`)}
        onChange={(decision) => change({ decision })}
      />
      {answers.decision === 'innocent' && (
        <Choice
          name={words('adjudication.basis')}
          values={bases}
          value={answers.basis}
          wordOf={(one) => words(`adjudication.basis.${one}`)}
          onChange={(basis) => change({ basis })}
        />
      )}
      {fieldsFor(answers).map(text)}
      <Choice
        name={words('adjudication.inspection')}
        values={inspections}
        value={answers.secondaryInspection}
        wordOf={(one) => words(`adjudication.inspection.${one}`)}
        onChange={(secondaryInspection) => change({ secondaryInspection })}
      />
      <Choice
        name={words('adjudication.identifiedBy')}
        values={instruments}
        value={answers.identifiedBy}
        wordOf={(one) => words(`adjudication.identifiedBy.${one}`)}
        onChange={(identifiedBy) => change({ identifiedBy })}
      />
      {text('nuclides')}
      {text('expert')}
      {text('doseRate')}
      {text('note')}
      {problem !== undefined && <ProblemNotice message={problem} />}
      <Button className="button main" type="submit" isDisabled={isBusy || given === undefined}>
        {words(isBusy ? 'verdict.sending' : 'adjudication.send')}
      </Button>
    </form>
  );
}

import { useState } from 'react';
import { Button } from 'react-aria-components';
import { useAction } from '../api/action.ts';
import type { Hold, Versioned } from '../api/client.ts';
import { Choice, Form, TextField } from '../shell/form.tsx';
import { ProblemNotice } from '../shell/problem.tsx';
import { words } from '../words/words.ts';
import {
  type Answers,
  adjudicationFrom,
  bases,
  decisions,
  fieldsFor,
  inspections,
  instruments,
  sendAdjudication,
  type TextFieldName,
} from './adjudication.ts';
import { type Declared, useDeclared } from './declared.ts';

interface Props {
  readonly seen: Versioned<Hold>;
  readonly onDone: (value: Versioned<Hold>) => void;
  readonly onRejected: () => Promise<void>;
}

type Change = (changes: Partial<Answers>) => void;

/** What the alarm is, with the codes that the decision needs. */
export function Adjudicate({ seen, onDone, onRejected }: Props) {
  const [answers, setAnswers] = useState<Answers>({ texts: {} });
  const { isBusy, problem, run } = useAction();
  const declared = useDeclared(seen.value);
  const change: Change = (changes) => setAnswers((before) => ({ ...before, ...changes }));
  const given = adjudicationFrom(answers);
  const send = async () => {
    if (given !== undefined) await run(async () => onDone(await sendAdjudication(seen, given)), onRejected);
  };
  return (
    <Form label={words('adjudication.title')} onSubmit={() => void send()}>
      <DecisionFields answers={answers} change={change} declared={declared} />
      <FindingsFields answers={answers} change={change} />
      {problem !== undefined && <ProblemNotice message={problem} />}
      <Button className="button main" type="submit" isDisabled={isBusy || given === undefined}>
        {words(isBusy ? 'verdict.sending' : 'adjudication.send')}
      </Button>
    </Form>
  );
}

interface FieldsProps {
  readonly answers: Answers;
  readonly change: Change;
}

function DecisionFields({ answers, change, declared }: FieldsProps & { readonly declared: Declared }) {
  return (
    <>
      <Choice
        label={words('adjudication.title')}
        values={decisions}
        value={answers.decision}
        textOf={(one) => words(`adjudication.${one}`)}
        onChange={(decision) => change({ decision })}
      />
      {answers.decision === 'innocent' && (
        <Choice
          label={words('adjudication.basis')}
          values={bases}
          value={answers.basis}
          textOf={(one) => words(`adjudication.basis.${one}`)}
          onChange={(basis) => change({ basis })}
        />
      )}
      <Texts fields={fieldsFor(answers)} answers={answers} change={change} suggestions={declared} />
    </>
  );
}

function FindingsFields({ answers, change }: FieldsProps) {
  return (
    <>
      <Choice
        label={words('adjudication.inspection')}
        values={inspections}
        value={answers.secondaryInspection}
        textOf={(one) => words(`adjudication.inspection.${one}`)}
        onChange={(secondaryInspection) => change({ secondaryInspection })}
      />
      <Choice
        label={words('adjudication.identifiedBy')}
        values={instruments}
        value={answers.identifiedBy}
        textOf={(one) => words(`adjudication.identifiedBy.${one}`)}
        onChange={(identifiedBy) => change({ identifiedBy })}
      />
      <Texts fields={['nuclides', 'expert', 'doseRate', 'note']} answers={answers} change={change} />
    </>
  );
}

interface TextsProps extends FieldsProps {
  readonly fields: readonly TextFieldName[];
  readonly suggestions?: Readonly<Partial<Record<TextFieldName, readonly string[]>>>;
}

function Texts({ fields, answers, change, suggestions = {} }: TextsProps) {
  return fields.map((field) => (
    <TextField
      key={field}
      label={words(`adjudication.field.${field}`)}
      value={answers.texts[field]}
      isDecimal={field === 'doseRate'}
      suggestions={suggestions[field] ?? []}
      onChange={(text) => change({ texts: { ...answers.texts, [field]: text } })}
    />
  ));
}

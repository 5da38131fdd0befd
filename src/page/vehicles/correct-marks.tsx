import { useState } from 'react';
import { Button } from 'react-aria-components';
import type { Mark, MarkKind } from '../../core/rules/vehicle-hold.ts';
import { useAction } from '../api/action.ts';
import { api, type Versioned, versionedFrom } from '../api/client.ts';
import { Form, TextField } from '../shell/form.tsx';
import { ProblemNotice } from '../shell/problem.tsx';
import { words } from '../words/words.ts';

interface Props {
  readonly scanId: string;
  readonly onChanged: () => Promise<void>;
}

const kinds = ['container', 'plate', 'visit'] as const;
const labels = {
  container: 'vehicle.marks.containers',
  plate: 'vehicle.marks.plates',
  visit: 'vehicle.marks.visit',
} as const;

type Texts = Readonly<Record<MarkKind, string>>;

async function askFor(scanId: string) {
  return versionedFrom(await api.GET('/v1/scans/{scanId}/marks', { params: { path: { scanId } } }));
}

type Seen = Awaited<ReturnType<typeof askFor>>;

function textsOf(marks: readonly Mark[]): Texts {
  const textOf = (wanted: MarkKind) =>
    marks
      .filter(({ kind }) => kind === wanted)
      .map(({ value }) => value)
      .join(', ');
  return { container: textOf('container'), plate: textOf('plate'), visit: textOf('visit') };
}

function marksIn(texts: Texts): Mark[] {
  const valuesOf = (kind: MarkKind) => (kind === 'visit' ? [texts.visit] : texts[kind].split(','));
  return kinds.flatMap((kind) =>
    valuesOf(kind)
      .map((value) => value.trim())
      .filter((value) => value !== '')
      .map((value) => ({ kind, value })),
  );
}

/** The numbers as they were read when somebody began to correct them, and what became of the correction. */
function useCorrection({ scanId, onChanged }: Props) {
  const [seen, setSeen] = useState<Seen>();
  const [said, setSaid] = useState<'vehicle.marks.waits' | 'vehicle.marks.done'>();
  const { problem, isBusy, run } = useAction();
  const begin = () =>
    run(async () => {
      setSaid(undefined);
      setSeen(await askFor(scanId));
    });
  const send = ({ tag }: Versioned<unknown>, marks: Mark[], reason: string) =>
    run(async () => {
      const params = { path: { scanId }, header: { 'if-match': tag } };
      const answer = versionedFrom(
        await api.PUT('/v1/scans/{scanId}/marks', { params, body: { marks, reason } }),
      );
      setSaid(answer.value.proposal === undefined ? 'vehicle.marks.done' : 'vehicle.marks.waits');
      setSeen(undefined);
      await onChanged();
    });
  return { seen, said, problem, isBusy, begin, send };
}

/** One person proposes what a scan is known by, and another confirms it. */
export function CorrectMarks(props: Props) {
  const { seen, said, problem, isBusy, begin, send } = useCorrection(props);
  return (
    <>
      {seen === undefined ? (
        <Button className="button" isDisabled={isBusy} onPress={() => void begin()}>
          {words('vehicle.marks.correct')}
        </Button>
      ) : (
        <>
          {seen.value.proposal !== undefined && (
            <p className="notice" role="status">
              {words('vehicle.marks.waits')}
            </p>
          )}
          <MarksForm
            key={seen.tag}
            first={textsOf(seen.value.counting)}
            onSend={(marks, reason) => void send(seen, marks, reason)}
          />
        </>
      )}
      {said !== undefined && (
        <p className="notice" role="status">
          {words(said)}
        </p>
      )}
      {problem !== undefined && <ProblemNotice message={problem} />}
    </>
  );
}

interface FormProps {
  readonly first: Texts;
  readonly onSend: (marks: Mark[], reason: string) => void;
}

function MarksForm({ first, onSend }: FormProps) {
  const [texts, setTexts] = useState(first);
  const [reason, setReason] = useState('');
  return (
    <Form
      className="find"
      label={words('vehicle.marks.correct')}
      onSubmit={() => {
        if (reason.trim() !== '') onSend(marksIn(texts), reason.trim());
      }}
    >
      <p className="quiet">{words('vehicle.marks.lead')}</p>
      {kinds.map((kind) => (
        <TextField
          key={kind}
          label={words(labels[kind])}
          value={texts[kind]}
          onChange={(text) => setTexts({ ...texts, [kind]: text })}
        />
      ))}
      <TextField label={words('vehicle.marks.reason')} value={reason} onChange={setReason} />
      <Button className="button main" type="submit" isDisabled={reason.trim() === ''}>
        {words('vehicle.marks.send')}
      </Button>
    </Form>
  );
}

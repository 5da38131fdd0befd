import { useState } from 'react';
import { Button } from 'react-aria-components';
import { useAction } from '../api/action.ts';
import { api, type Policy, type Versioned, versionedFrom } from '../api/client.ts';
import { useQuery } from '../api/query.ts';
import { Form } from '../shell/form.tsx';
import { ProblemNotice } from '../shell/problem.tsx';
import { time, words } from '../words/words.ts';
import { type EditedReason, editableReasons, newReason, termsOf } from './draft.ts';
import { ReasonFields } from './fields.tsx';

const ask = async (): Promise<Versioned<Policy>> => versionedFrom(await api.GET('/v1/policy'));

/** The reasons of verdicts at an administration, which its administrator changes. */
export default function ReasonEditor() {
  const { value: seen, problem, replace } = useQuery(ask);
  if (seen === undefined)
    return (
      <main className="list">
        <h1>{words('reasons.title')}</h1>
        {problem === undefined ? (
          <p className="quiet">{words('app.loading')}</p>
        ) : (
          <ProblemNotice message={problem} isQuiet />
        )}
      </main>
    );
  return (
    <main className="list">
      <h1>{words('reasons.title')}</h1>
      <p className="quiet">{words('reasons.lead')}</p>
      <p className="quiet">{words('reasons.twoPersons')}</p>
      {seen.value.proposal === undefined ? (
        <Editor key={seen.tag} seen={seen} onSaved={replace} />
      ) : (
        <Proposal seen={seen} onConfirmed={replace} />
      )}
    </main>
  );
}

interface EditorProps {
  readonly seen: Versioned<Policy>;
  readonly onSaved: (value: Versioned<Policy>) => void;
}

function Editor({ seen, onSaved }: EditorProps) {
  const { terms } = seen.value;
  const own = terms.reasons ?? [];
  const [edited, setEdited] = useState(() => editableReasons(own));
  const { isBusy, problem, run } = useAction();
  const change = (at: number, next: EditedReason) => setEdited(edited.with(at, next));
  const save = () =>
    run(async () => {
      const body = { ...terms, reasons: termsOf(own, edited) };
      const params = { header: { 'if-match': seen.tag } };
      onSaved(versionedFrom(await api.PUT('/v1/policy', { params, body })));
    });
  return (
    <Form className="verdict reasons" onSubmit={() => void save()}>
      {edited.map((one, at) => (
        // a code that is being written is no name of its row
        // biome-ignore lint/suspicious/noArrayIndexKey: rows are added at the end, and none goes
        <ReasonFields key={at} one={one} onChange={(next) => change(at, next)} />
      ))}
      {problem !== undefined && <ProblemNotice message={problem} />}
      <div className="row">
        <Button className="button" onPress={() => setEdited([...edited, newReason])}>
          {words('reasons.add')}
        </Button>
        <Button className="button main" type="submit" isDisabled={isBusy}>
          {words('reasons.save')}
        </Button>
      </div>
      {seen.value.at !== undefined && (
        <p className="quiet" role="status">
          {words('reasons.inForce', { version: seen.value.version, when: time(seen.value.at) })}
        </p>
      )}
    </Form>
  );
}

interface ProposalProps {
  readonly seen: Versioned<Policy>;
  readonly onConfirmed: (value: Versioned<Policy>) => void;
}

/** What is saved now would take its place, so it is decided first. */
function Proposal({ seen, onConfirmed }: ProposalProps) {
  const { problem, run } = useAction();
  const confirm = () =>
    run(async () => {
      const params = { header: { 'if-match': seen.tag } };
      onConfirmed(versionedFrom(await api.POST('/v1/policy/confirmation', { params, body: {} })));
    });
  return (
    <>
      <p className="notice" role="status">
        {words('reasons.proposal', { when: time(seen.value.proposal?.at ?? '') })}
      </p>
      {problem !== undefined && <ProblemNotice message={problem} />}
      <Button className="button main" onPress={() => void confirm()}>
        {words('reasons.confirm')}
      </Button>
    </>
  );
}

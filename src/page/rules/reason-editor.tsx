import { useState } from 'react';
import { Button } from 'react-aria-components';
import { useAsked } from '../api/asked.ts';
import { api, type Policy, rejectionOf, type Seen, seenIn } from '../api/client.ts';
import { Trouble } from '../shell/trouble.tsx';
import { time, words } from '../words/words.ts';
import { type EditedReason, editedOf, newReason, termsOf } from './draft.ts';
import { ReasonFields } from './reason-fields.tsx';

const ask = async (): Promise<Seen<Policy>> => seenIn(await api.GET('/v1/policy'));

/** The reasons of verdicts at an administration, which its administrator changes. */
export default function ReasonEditor() {
  const { value: seen, trouble, keep } = useAsked(ask);
  if (seen === undefined)
    return (
      <main className="list">
        <h1>{words('reasons.title')}</h1>
        {trouble === undefined ? (
          <p className="quiet">{words('app.loading')}</p>
        ) : (
          <Trouble said={trouble} isQuiet />
        )}
      </main>
    );
  return (
    <main className="list">
      <h1>{words('reasons.title')}</h1>
      <p className="quiet">{words('reasons.lead')}</p>
      <p className="quiet">{words('reasons.twoPersons')}</p>
      {seen.value.proposal === undefined ? (
        <Editor key={seen.tag} seen={seen} onSaved={keep} />
      ) : (
        <Proposal seen={seen} onConfirmed={keep} />
      )}
    </main>
  );
}

interface EditorProps {
  readonly seen: Seen<Policy>;
  readonly onSaved: (value: Seen<Policy>) => void;
}

function Editor({ seen, onSaved }: EditorProps) {
  const { terms } = seen.value;
  const own = terms.reasons ?? [];
  const [edited, setEdited] = useState(() => editedOf(own));
  const [trouble, setTrouble] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const change = (at: number, next: EditedReason) => setEdited(edited.with(at, next));
  const save = async () => {
    setBusy(true);
    setTrouble(undefined);
    try {
      const body = { ...terms, reasons: termsOf(own, edited) };
      const params = { header: { 'if-match': seen.tag } };
      onSaved(seenIn(await api.PUT('/v1/policy', { params, body })));
    } catch (error) {
      setTrouble(rejectionOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      className="verdict reasons"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      {edited.map((one, at) => (
        // a code that is being written is no name of its row
        // biome-ignore lint/suspicious/noArrayIndexKey: rows are added at the end, and none goes
        <ReasonFields key={at} one={one} onChange={(next) => change(at, next)} />
      ))}
      {trouble !== undefined && <Trouble said={trouble} />}
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
    </form>
  );
}

interface ProposalProps {
  readonly seen: Seen<Policy>;
  readonly onConfirmed: (value: Seen<Policy>) => void;
}

/** What is saved now would take its place, so it is decided first. */
function Proposal({ seen, onConfirmed }: ProposalProps) {
  const [trouble, setTrouble] = useState<string>();
  const confirm = async () => {
    setTrouble(undefined);
    try {
      const params = { header: { 'if-match': seen.tag } };
      onConfirmed(seenIn(await api.POST('/v1/policy/confirmation', { params, body: {} })));
    } catch (error) {
      setTrouble(rejectionOf(error));
    }
  };
  return (
    <>
      <p className="notice" role="status">
        {words('reasons.proposal', { when: time(seen.value.proposal?.at ?? '') })}
      </p>
      {trouble !== undefined && <Trouble said={trouble} />}
      <Button className="button main" onPress={() => void confirm()}>
        {words('reasons.confirm')}
      </Button>
    </>
  );
}

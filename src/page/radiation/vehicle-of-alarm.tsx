import { useCallback, useState } from 'react';
import { Button } from 'react-aria-components';
import { holdStates } from '../../core/radiation/hold-states.ts';
import type { Mark } from '../../core/rules/vehicle-hold.ts';
import { useAction } from '../api/action.ts';
import { api, bodyOf, type Hold, type Scan, type Versioned, versionedFrom } from '../api/client.ts';
import { useQuery } from '../api/query.ts';
import { Form, TextField } from '../shell/form.tsx';
import { ProblemNotice } from '../shell/problem.tsx';
import { ReasonButton } from '../shell/reason-dialog.tsx';
import { marksFrom } from '../vehicles/address.ts';
import { time, words } from '../words/words.ts';

interface Props {
  readonly seen: Versioned<Hold>;
  readonly onDone: (value: Versioned<Hold>) => void;
  readonly onRejected: () => Promise<void>;
}

/** The hold and its version, as each move of it names them. */
interface Named {
  readonly path: { readonly holdId: string };
  readonly header: { readonly 'if-match': string };
}

type HandMove = (params: Named) => Promise<{ readonly data?: Hold; readonly response: Response }>;

/** What an officer may say beside the decision on the alarm. */
function movesOf({ state, join, scanId, possiblySameAs = [] }: Hold) {
  const { canBe } = holdStates[state];
  const isOfRecord = join.kind === 'joined' && join.scanId === scanId;
  const mayJoin = canBe.includes('joined by hand');
  return {
    mayJoin,
    mayUnjoin: mayJoin && join.kind !== 'none' && !isOfRecord,
    mayReopen: canBe.includes('reopened'),
    copyOf: canBe.includes('settled as a duplicate') ? possiblySameAs : [],
  };
}

/** Which vehicle an alarm is of, by the word of two officers. */
export function VehicleOfAlarm({ seen, onDone, onRejected }: Props) {
  const { problem, run } = useAction();
  const { value: hold, tag } = seen;
  const { mayJoin, mayUnjoin, mayReopen, copyOf } = movesOf(hold);
  if (!mayJoin && !mayReopen && copyOf.length === 0) return null;
  const move = (send: HandMove) =>
    void run(async () => {
      const params = { path: { holdId: hold.id }, header: { 'if-match': tag } };
      onDone(versionedFrom(await send(params)));
    }, onRejected);
  return (
    <section className="verdict" aria-label={words('radiation.scan')}>
      <h2>{words('radiation.scan')}</h2>
      {problem !== undefined && <ProblemNotice message={problem} />}
      {hold.joinProposal !== undefined && <Proposed {...hold.joinProposal} move={move} />}
      {mayJoin && <FindScans move={move} />}
      {mayUnjoin && (
        <ReasonButton
          name={words('radiation.scan.unjoin')}
          label={words('radiation.scan.why')}
          onSend={(why) => move((params) => api.POST('/v1/holds/{holdId}/unjoin', { params, body: { why } }))}
        />
      )}
      {copyOf.map((of) => (
        <Copy key={of} of={of} move={move} />
      ))}
      {mayReopen && (
        <ReasonButton
          name={words('radiation.reopen')}
          onSend={(why) => move((params) => api.POST('/v1/holds/{holdId}/reopen', { params, body: { why } }))}
        />
      )}
    </section>
  );
}

type ListedScan = Pick<Scan, 'id' | 'containers' | 'receivedAt'>;

interface MoveProps {
  readonly move: (send: HandMove) => void;
}

/** What another officer has said, and where it names the vehicle or its scan a button to say the same. */
function Proposed({ at, why, mark, scanId, move }: NonNullable<Hold['joinProposal']> & MoveProps) {
  return (
    <>
      <p className="notice">
        {mark !== undefined && <strong>{inWords(mark)} </strong>}
        {words('radiation.scan.proposed', { when: time(at), why })}
      </p>
      {mark !== undefined && <JoinVehicle vehicle={mark} move={move} />}
      {scanId !== undefined && <ProposedScan id={scanId} move={move} />}
    </>
  );
}

function ProposedScan({ id, move }: MoveProps & { readonly id: string }) {
  const ask = useCallback(
    async () => bodyOf(await api.GET('/v1/scans/{scanId}', { params: { path: { scanId: id } } })),
    [id],
  );
  const { value: scan } = useQuery(ask);
  return scan === undefined ? null : <JoinScan {...scan} move={move} />;
}

/** One of its scans, and a button that joins the alarm to it. */
function JoinScan({ id: scanId, containers, receivedAt, move }: MoveProps & ListedScan) {
  return (
    <p>
      {words('radiation.scan.of', { containers: containers.join(', '), when: time(receivedAt) })}
      <ReasonButton
        name={words('radiation.scan.join')}
        label={words('radiation.scan.why')}
        onSend={(why) =>
          move((params) => api.POST('/v1/holds/{holdId}/join', { params, body: { scanId, why } }))
        }
      />
    </p>
  );
}

/** Joins the alarm to whatever has this mark. */
function JoinVehicle({ vehicle, move }: MoveProps & { readonly vehicle: Mark }) {
  return (
    <ReasonButton
      name={words('radiation.scan.vehicle', { vehicle: inWords(vehicle) })}
      label={words('radiation.scan.why')}
      onSend={(why) =>
        move((params) => api.POST('/v1/holds/{holdId}/join', { params, body: { vehicle, why } }))
      }
    />
  );
}

/** The scans of a container, newest first, and a button for each that joins the alarm to it; or to the vehicle itself. */
function FindScans({ move }: MoveProps) {
  const [container, setContainer] = useState('');
  const [scans, setScans] = useState<readonly Scan[]>();
  const { problem, run } = useAction();
  const find = () =>
    void run(async () => {
      const query = { container, limit: 10 };
      setScans(bodyOf(await api.GET('/v1/scans', { params: { query } })).items);
    });
  return (
    <Form className="find" onSubmit={find}>
      <TextField label={words('radiation.scan.container')} value={container} onChange={setContainer} />
      <Button className="button" type="submit" isDisabled={container.trim() === ''}>
        {words('radiation.scan.find')}
      </Button>
      {problem !== undefined && <ProblemNotice message={problem} />}
      {scans?.length === 0 && <p className="quiet">{words('radiation.scan.none')}</p>}
      {marksFrom(container).map((vehicle) => (
        <JoinVehicle key={vehicle.kind} vehicle={vehicle} move={move} />
      ))}
      <ul className="plain">
        {scans?.map((scan) => (
          <li key={scan.id}>
            <JoinScan {...scan} move={move} />
          </li>
        ))}
      </ul>
    </Form>
  );
}

/** What the vehicle is known by, as its page is titled. */
export function inWords({ kind, value: mark }: Mark): string {
  return words(`vehicle.title.${kind}`, { mark });
}

/** Another alarm that may be the same: this one becomes its copy. */
function Copy({ of, move }: MoveProps & { readonly of: string }) {
  const ask = useCallback(
    async () => bodyOf(await api.GET('/v1/holds/{holdId}', { params: { path: { holdId: of } } })),
    [of],
  );
  const { value: other } = useQuery(ask);
  if (other === undefined) return null;
  return (
    <ReasonButton
      name={words('radiation.scan.same', { when: time(other.openedAt) })}
      onSend={(why) =>
        move((params) => api.POST('/v1/holds/{holdId}/duplicate-of', { params, body: { of, why } }))
      }
    />
  );
}

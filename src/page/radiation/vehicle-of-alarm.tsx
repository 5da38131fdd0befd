import { useCallback, useState } from 'react';
import { Button } from 'react-aria-components';
import { defined } from '../../core/defined.ts';
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

/** Scan and vehicle of an alarm, as a join names them. */
interface Joined {
  readonly scanId?: string;
  readonly vehicle?: Mark;
}

/** What officers have joined the alarm to: another join names it, too. */
function joinedByHand({ join }: Hold): Joined {
  if (join.kind === 'vehicle') return { vehicle: join.mark };
  if (join.kind !== 'joined' || join.by !== 'hand') return {};
  return { scanId: join.scanId, ...defined({ vehicle: join.mark }) };
}

/** The scans and the vehicle that it is joined to, one by one. */
function joinedBy(join: Hold['join']): readonly Joined[] {
  const mark = join.kind === 'joined' || join.kind === 'vehicle' ? join.mark : undefined;
  const scans = join.kind === 'ambiguous' ? join.scanIds : join.kind === 'joined' ? [join.scanId] : [];
  return [...scans.map((scanId) => ({ scanId })), ...(mark === undefined ? [] : [{ vehicle: mark }])];
}

/** What an officer may say beside the decision on the alarm. */
function movesOf({ state, join, scanId, joinProposal, possiblySameAs = [] }: Hold) {
  const { canBe } = holdStates[state];
  const isOfRecord = join.kind === 'joined' && join.scanId === scanId && join.by === 'same-scan';
  const mayJoin = canBe.includes('joined by hand');
  return {
    mayJoin,
    joinedTo: mayJoin && !isOfRecord ? joinedBy(join) : [],
    mayReopen: canBe.includes('reopened'),
    copyOf: canBe.includes('settled as a duplicate')
      ? possiblySameAs.filter((id) => id !== joinProposal?.duplicateOf)
      : [],
  };
}

/** Which vehicle an alarm is of, by the word of two officers. */
export function VehicleOfAlarm({ seen, onDone, onRejected }: Props) {
  const { problem, run } = useAction();
  const { value: hold, tag } = seen;
  const { mayJoin, joinedTo, mayReopen, copyOf } = movesOf(hold);
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
      {mayJoin && <FindScans joined={joinedByHand(hold)} move={move} />}
      {joinedTo.map((not) => (
        <NotOf key={not.scanId ?? 'vehicle'} not={not} isOnly={joinedTo.length === 1} move={move} />
      ))}
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

/** What another officer has said, and where it names the vehicle, its scan or another alarm a button to say the same. */
function Proposed({
  at,
  why,
  mark,
  scanId,
  isNot,
  duplicateOf,
  move,
}: NonNullable<Hold['joinProposal']> & MoveProps) {
  if (isNot === true)
    return (
      <>
        <p className="notice">{words('radiation.scan.proposed', { when: time(at), why })}</p>
        <NotOf not={defined({ scanId, vehicle: mark })} isOnly={false} move={move} />
      </>
    );
  return (
    <>
      <p className="notice">
        {mark !== undefined && <strong>{inWords(mark)} </strong>}
        {words('radiation.scan.proposed', { when: time(at), why })}
      </p>
      {scanId !== undefined && <ProposedScan id={scanId} joined={defined({ vehicle: mark })} move={move} />}
      {scanId === undefined && mark !== undefined && <JoinVehicle joined={{}} vehicle={mark} move={move} />}
      {duplicateOf !== undefined && <Copy of={duplicateOf} move={move} />}
    </>
  );
}

/** Says that the alarm is not of one scan or vehicle. Where it is joined to several, the scan is shown. */
function NotOf({ not, isOnly, move }: MoveProps & { readonly not: Joined; readonly isOnly: boolean }) {
  const { scanId, vehicle } = not;
  return (
    <p>
      {scanId !== undefined && !isOnly && <ScanInWords id={scanId} />}
      <ReasonButton
        name={
          vehicle === undefined
            ? words('radiation.scan.unjoin')
            : words('radiation.scan.unjoinVehicle', { vehicle: inWords(vehicle) })
        }
        label={words('radiation.scan.why')}
        onSend={(why) =>
          move((params) => api.POST('/v1/holds/{holdId}/unjoin', { params, body: { ...not, why } }))
        }
      />
    </p>
  );
}

function useScan(id: string): Scan | undefined {
  const ask = useCallback(
    async () => bodyOf(await api.GET('/v1/scans/{scanId}', { params: { path: { scanId: id } } })),
    [id],
  );
  return useQuery(ask).value;
}

function ScanInWords({ id }: { readonly id: string }) {
  const scan = useScan(id);
  if (scan === undefined) return null;
  const { containers, receivedAt } = scan;
  return words('radiation.scan.of', { containers: containers.join(', '), when: time(receivedAt) });
}

interface JoinProps extends MoveProps {
  /** To name besides. */
  readonly joined: Joined;
}

function ProposedScan({ id, joined, move }: JoinProps & { readonly id: string }) {
  const scan = useScan(id);
  return scan === undefined ? null : <JoinScan {...scan} joined={joined} move={move} />;
}

/** One of its scans, and a button that joins the alarm to it. */
function JoinScan({ id: scanId, containers, receivedAt, joined, move }: JoinProps & ListedScan) {
  const { vehicle } = joined;
  return (
    <p>
      {words('radiation.scan.of', { containers: containers.join(', '), when: time(receivedAt) })}
      <ReasonButton
        name={
          vehicle === undefined
            ? words('radiation.scan.join')
            : words('radiation.scan.both', { vehicle: inWords(vehicle) })
        }
        label={words('radiation.scan.why')}
        onSend={(why) =>
          move((params) => api.POST('/v1/holds/{holdId}/join', { params, body: { ...joined, scanId, why } }))
        }
      />
    </p>
  );
}

/** Joins the alarm to whatever has this mark. */
function JoinVehicle({ vehicle, joined, move }: JoinProps & { readonly vehicle: Mark }) {
  return (
    <ReasonButton
      name={words('radiation.scan.vehicle', { vehicle: inWords(vehicle) })}
      label={words('radiation.scan.why')}
      onSend={(why) =>
        move((params) => api.POST('/v1/holds/{holdId}/join', { params, body: { ...joined, vehicle, why } }))
      }
    />
  );
}

/** The scans of a container, newest first, and a button for each that joins the alarm to it; or to the vehicle itself. */
function FindScans({ joined, move }: JoinProps) {
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
        <JoinVehicle key={vehicle.kind} vehicle={vehicle} joined={joined} move={move} />
      ))}
      <ul className="plain">
        {scans?.map((scan) => (
          <li key={scan.id}>
            <JoinScan {...scan} joined={joined} move={move} />
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

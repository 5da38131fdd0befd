import { type CaseMove, type CaseState, caseStates } from '../../core/case/case-states.ts';
import { useAction } from '../api/action.ts';
import { api, type Vehicle } from '../api/client.ts';
import { ProblemNotice } from '../shell/problem.tsx';
import { ReasonButton } from '../shell/reason-dialog.tsx';
import { versionOf } from '../shift/queries.ts';
import { words } from '../words/words.ts';

type VehicleCase = Vehicle['cases'][number];

const over: ReadonlySet<CaseState> = new Set<CaseState>(['closed']);
const searchedInPart: ReadonlySet<CaseState> = new Set<CaseState>(['searched']);

interface Props {
  /** Of the newest scan first. */
  readonly cases: readonly VehicleCase[];
  readonly onMoved: () => Promise<void>;
}

/** What a supervisor may do with the cases of a vehicle: of the newest scan, and of others that are not over. */
export function CaseMoves({ cases, onMoved }: Props) {
  const { problem, run } = useAction();
  const shown = cases.filter(
    ({ scanId, state, isFound }) => scanId === cases[0]?.scanId || !over.has(state) || isFound,
  );
  const move = (send: () => Promise<unknown>) =>
    void run(async () => {
      await send();
      await onMoved();
    }, onMoved);
  if (shown.length === 0) return null;
  return (
    <section aria-label={words('vehicle.cases')}>
      <h2>{words('vehicle.cases')}</h2>
      {problem !== undefined && <ProblemNotice message={problem} />}
      <ul className="plain">
        {shown.map((value) => (
          <li key={value.id}>
            <strong>{value.container ?? words('case.noContainer')}</strong> {words(`state.${value.state}`)}{' '}
            <Moves value={value} move={move} />
          </li>
        ))}
      </ul>
    </section>
  );
}

interface MovesProps {
  readonly value: VehicleCase;
  readonly move: (send: () => Promise<unknown>) => void;
}

function Moves({ value, move }: MovesProps) {
  const may = (one: CaseMove) => caseStates[value.state].canBe.includes(one);
  const named = { container: value.container ?? value.id };
  const params = versionOf(value);
  const accept = (why: string) =>
    move(() => api.POST('/v1/cases/{caseId}/search-acceptance', { params, body: { why } }));
  return (
    <>
      {may('accepted') && value.isFound && (
        <ReasonButton
          name={words('vehicle.release')}
          title={words('vehicle.release.title', named)}
          onSend={accept}
        />
      )}
      {may('accepted') && searchedInPart.has(value.state) && (
        <ReasonButton name={words('room.accept')} title={words('room.accept.title', named)} onSend={accept} />
      )}
      {may('referred to a search') && (
        <ReasonButton
          name={words('vehicle.search')}
          title={words('room.searchAgain.title', named)}
          label={words('search.instructions')}
          onSend={(note) => move(() => api.POST('/v1/cases/{caseId}/refer', { params, body: { note } }))}
        />
      )}
      {may('reopened') && (
        <ReasonButton
          name={words('vehicle.reopen')}
          title={words('vehicle.reopen.title', named)}
          onSend={(why) => move(() => api.POST('/v1/cases/{caseId}/reopen', { params, body: { why } }))}
        />
      )}
    </>
  );
}

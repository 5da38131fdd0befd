import { type ReactNode, useState } from 'react';
import { Button } from 'react-aria-components';
import { AdviceRequests } from '../advice/requests.tsx';
import { api, type Case, type Person, type Release, rejectionText } from '../api/client.ts';
import { type Query, useQuery } from '../api/query.ts';
import { ProblemNotice } from '../shell/problem.tsx';
import { ReasonDialog } from '../shell/reason-dialog.tsx';
import { time, words } from '../words/words.ts';
import { Disagreement } from './disagreement.tsx';
import { LoadTable } from './load-table.tsx';
import { PartSearches } from './partial-searches.tsx';
import {
  askClaimed,
  askDisputed,
  askLoad,
  askPersons,
  askReleases,
  askSearched,
  type PendingAction,
} from './queries.ts';

const ofCases = ['case', 'hold'] as const;
/** Nothing tells that a person has changed. */
const ofPersons = [] as const;
const ofReleases = ['release', 'case'] as const;

/** The room of a supervisor: what there is to do, who does it, and what waits for the supervisor. */
export function ShiftOverview() {
  const load = useQuery(askLoad, ofCases);
  const claimed = useQuery(askClaimed, ofCases);
  const disputed = useQuery(askDisputed, ofCases);
  const searched = useQuery(askSearched, ofCases);
  const releases = useQuery(askReleases, ofReleases);
  const persons = useQuery(askPersons, ofPersons);
  const [asking, setAsking] = useState<PendingAction>();
  const [rejected, setRejected] = useState<string>();
  const all: readonly Pick<Query<unknown>, 'problem' | 'reload'>[] = [
    load,
    claimed,
    disputed,
    searched,
    releases,
    persons,
  ];
  const problem = all.find((one) => one.problem !== undefined)?.problem;
  const nameOf = (id: string) => persons.value?.find((person) => person.id === id)?.name ?? id;
  const moving = async (move: () => Promise<unknown>) => {
    setRejected(undefined);
    try {
      await move();
    } catch (error) {
      setRejected(rejectionText(error));
    }
    await Promise.all(all.map((one) => one.reload()));
  };
  return (
    <main className="room">
      <h1>{words('room.title')}</h1>
      {problem !== undefined && <ProblemNotice message={problem} isQuiet />}
      {rejected !== undefined && <ProblemNotice message={rejected} />}
      <Part title={words('room.load')}>
        <LoadTable load={load.value ?? []} />
      </Part>
      <Part title={words('room.inHand')} isEmpty={claimed.value?.length === 0}>
        <InHand cases={claimed.value ?? []} nameOf={nameOf} onAsk={setAsking} />
      </Part>
      <Part title={words('advice.colleagues')}>
        <AdviceRequests />
      </Part>
      <Part title={words('room.disputed')} isEmpty={disputed.value?.length === 0}>
        <ul className="plain">
          {disputed.value?.map((value) => (
            <Disagreement
              key={value.id}
              value={value}
              nameOf={nameOf}
              onSettled={() => void moving(async () => undefined)}
            />
          ))}
        </ul>
      </Part>
      <Part title={words('room.searched')} isEmpty={searched.value?.length === 0}>
        <PartSearches cases={searched.value ?? []} onAsk={setAsking} />
      </Part>
      <Part title={words('room.releases')} isEmpty={releases.value?.length === 0}>
        <Releases releases={releases.value ?? []} onAsk={setAsking} />
      </Part>
      <Part title={words('room.conflicts')} isEmpty={conflictsOf(persons.value ?? []).length === 0}>
        <Conflicts persons={persons.value ?? []} onMove={(move) => void moving(move)} />
      </Part>
      <ReasonDialog
        title={asking?.title}
        onClose={() => setAsking(undefined)}
        onSend={(why) => asking !== undefined && void moving(() => asking.move(why))}
      />
    </main>
  );
}

interface PartProps {
  readonly title: string;
  readonly isEmpty?: boolean;
  readonly children: ReactNode;
}

function Part({ title, isEmpty = false, children }: PartProps) {
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      {isEmpty ? <p className="quiet">{words('room.nothing')}</p> : children}
    </section>
  );
}

interface InHandProps {
  readonly cases: readonly Case[];
  readonly nameOf: (id: string) => string;
  readonly onAsk: (asking: PendingAction) => void;
}

function InHand({ cases, nameOf, onAsk }: InHandProps) {
  const takeBack = (value: Case) =>
    onAsk({
      title: words('room.takeBack.title', { container: value.container ?? value.id }),
      move: (why) =>
        api.POST('/v1/cases/{caseId}/hand-back', { params: { path: { caseId: value.id } }, body: { why } }),
    });
  return (
    <table className="figures">
      <thead>
        <tr>
          <th scope="col">{words('room.person')}</th>
          <th scope="col">{words('room.container')}</th>
          <th scope="col">{words('room.until')}</th>
          <th scope="col">{words('case.due')}</th>
          <td />
        </tr>
      </thead>
      <tbody>
        {cases.map((value) => (
          <tr key={value.id}>
            <th scope="row">{nameOf(value.claim?.analyst ?? '')}</th>
            <td>{value.container ?? words('case.noContainer')}</td>
            <td>{value.claim === undefined ? '' : time(value.claim.until)}</td>
            <td>{time(value.dueAt)}</td>
            <td>
              <Button className="button" onPress={() => takeBack(value)}>
                {words('room.takeBack')}
              </Button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface ReleasesProps {
  readonly releases: readonly Release[];
  readonly onAsk: (asking: PendingAction) => void;
}

function Releases({ releases, onAsk }: ReleasesProps) {
  const review = ({ caseId, container }: Release) =>
    onAsk({
      title: words('room.review.title', { container: container ?? caseId }),
      move: (why) =>
        api.POST('/v1/cases/{caseId}/release-review', { params: { path: { caseId } }, body: { why } }),
    });
  return (
    <ul className="plain">
      {releases.map((release) => (
        <li key={release.caseId}>
          <strong>{release.container ?? release.caseId}</strong>{' '}
          {words('room.releasedAt', { when: time(release.releasedAt) })}
          {release.open !== undefined && (
            <span className="quiet"> {release.open.map(({ code }) => code).join(', ')}</span>
          )}
          <Button className="button" onPress={() => review(release)}>
            {words('room.review')}
          </Button>
        </li>
      ))}
    </ul>
  );
}

/** Of every person, what is not ended; what waits for a supervisor first. */
function conflictsOf(persons: readonly Person[]) {
  const open = persons.flatMap((person) =>
    person.conflicts.filter(({ state }) => state !== 'ended').map((conflict) => ({ person, conflict })),
  );
  const rank = (state: string) => (state === 'declared' ? 0 : 1);
  return open.toSorted((a, b) => rank(a.conflict.state) - rank(b.conflict.state));
}

interface ConflictsProps {
  readonly persons: readonly Person[];
  readonly onMove: (move: () => Promise<unknown>) => void;
}

function Conflicts({ persons, onMove }: ConflictsProps) {
  const settle = (personId: string, number: number, state: 'in-force' | 'ended') =>
    onMove(() =>
      api.POST('/v1/persons/{personId}/conflicts/{number}', {
        params: { path: { personId, number: String(number) } },
        body: { state },
      }),
    );
  return (
    <ul className="plain">
      {conflictsOf(persons).map(({ person, conflict: { number, about, value, why, state } }) => (
        <li key={`${person.id} ${number}`}>
          <strong>{person.name}</strong> {words(`room.about.${about}`)} {value}: {why}{' '}
          <span className="quiet">
            {words(`room.conflict.${state === 'declared' ? 'declared' : 'inForce'}`)}
          </span>
          {state === 'declared' && (
            <Button className="button main" onPress={() => settle(person.id, number, 'in-force')}>
              {words('room.putInForce')}
            </Button>
          )}
          <Button className="button" onPress={() => settle(person.id, number, 'ended')}>
            {words('room.end')}
          </Button>
        </li>
      ))}
    </ul>
  );
}

import { type ReactNode, useState } from 'react';
import { Button } from 'react-aria-components';
import { AdviceRequests } from '../advice/requests.tsx';
import { useAction } from '../api/action.ts';
import { api, type Case, type Person, type Release } from '../api/client.ts';
import { type Query, useQuery } from '../api/query.ts';
import { ProblemNotice } from '../shell/problem.tsx';
import { ReasonDialog } from '../shell/reason-dialog.tsx';
import { time, words } from '../words/words.ts';
import { Disagreement } from './disagreement.tsx';
import { Finds } from './finds.tsx';
import { VehiclesThatLeft } from './left.tsx';
import { LoadTable } from './load-table.tsx';
import { PartialSearches } from './partial-searches.tsx';
import {
  askClaimed,
  askDisputed,
  askFinds,
  askLoad,
  askPersons,
  askReleases,
  askSearched,
  askService,
  type PendingAction,
} from './queries.ts';

const caseTopics = ['case', 'hold'] as const;
/** No event says that a person has changed. */
const personTopics = [] as const;
/** It is found once, at the start of the service. */
const serviceTopics = [] as const;
const releaseTopics = ['release', 'case'] as const;

function useShift() {
  const load = useQuery(askLoad, caseTopics);
  const claimed = useQuery(askClaimed, caseTopics);
  const disputed = useQuery(askDisputed, caseTopics);
  const searched = useQuery(askSearched, caseTopics);
  const finds = useQuery(askFinds, caseTopics);
  const releases = useQuery(askReleases, releaseTopics);
  const persons = useQuery(askPersons, personTopics);
  const service = useQuery(askService, serviceTopics);
  const all: readonly Pick<Query<unknown>, 'problem' | 'reload'>[] = [
    load,
    claimed,
    disputed,
    searched,
    finds,
    releases,
    persons,
    service,
  ];
  return {
    load: load.value ?? [],
    claimed: claimed.value,
    disputed: disputed.value,
    searched: searched.value,
    finds: finds.value,
    releases: releases.value,
    persons: persons.value ?? [],
    contained: service.value?.contained,
    problem: all.find((one) => one.problem !== undefined)?.problem,
    reload: async () => {
      await Promise.all(all.map((one) => one.reload()));
    },
  };
}

/** A supervisor's overview: the work to do, who does it, and what waits for the supervisor. */
export function ShiftOverview() {
  const { problem, reload, ...shift } = useShift();
  const [asking, setAsking] = useState<PendingAction>();
  const { problem: rejected, run, dismiss } = useAction();
  const nameOf = (id: string) => shift.persons.find((person) => person.id === id)?.name ?? id;
  const change = async (move: () => Promise<unknown>) => {
    await run(async () => void (await move()));
    await reload();
  };
  const onSettled = () => {
    dismiss();
    void reload();
  };
  return (
    <main className="room">
      <h1>{words('room.title')}</h1>
      {problem !== undefined && <ProblemNotice message={problem} isQuiet />}
      {rejected !== undefined && <ProblemNotice message={rejected} />}
      <Part title={words('room.load')}>
        <LoadTable load={shift.load} />
      </Part>
      <Part title={words('room.inHand')} items={shift.claimed}>
        <InHand cases={shift.claimed ?? []} nameOf={nameOf} onAsk={setAsking} />
      </Part>
      <Part title={words('advice.colleagues')}>
        <AdviceRequests />
      </Part>
      <Part title={words('room.disputed')} items={shift.disputed}>
        <ul className="plain">
          {shift.disputed?.map((value) => (
            <Disagreement key={value.id} {...{ value, nameOf, onSettled }} />
          ))}
        </ul>
      </Part>
      <Part title={words('room.searched')} items={shift.searched}>
        <PartialSearches cases={shift.searched ?? []} onAsk={setAsking} />
      </Part>
      <Part title={words('room.finds')} items={shift.finds}>
        <Finds cases={shift.finds ?? []} onAsk={setAsking} />
      </Part>
      <Part title={words('room.releases')} items={shift.releases}>
        <Releases releases={shift.releases ?? []} onAsk={setAsking} />
      </Part>
      <VehiclesThatLeft />
      <Part title={words('room.conflicts')} items={conflictsOf(shift.persons)}>
        <Conflicts persons={shift.persons} onMove={(move) => void change(move)} />
      </Part>
      {shift.contained !== undefined && (
        <Part title={words('room.service')}>
          <p className={isStrong(shift.contained) ? 'quiet' : 'late'}>
            {words(isStrong(shift.contained) ? 'room.contained' : 'room.weaklyContained', {
              way: shift.contained,
            })}
          </p>
        </Part>
      )}
      <ReasonDialog
        title={asking?.title}
        onClose={() => setAsking(undefined)}
        onSend={(why) => asking !== undefined && void change(() => asking.move(why))}
      />
    </main>
  );
}

/** Only these two hold against native code (docs/security/containment.md). */
function isStrong(way: string): boolean {
  return way === 'bubblewrap' || way === 'landlock';
}

interface PartProps {
  readonly title: string;
  /** Says that there is nothing if the list is empty. */
  readonly items?: readonly unknown[] | undefined;
  readonly children: ReactNode;
}

function Part({ title, items, children }: PartProps) {
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      {items?.length === 0 ? <p className="quiet">{words('room.nothing')}</p> : children}
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

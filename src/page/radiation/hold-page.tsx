import { useCallback } from 'react';
import { api, type Hold, versionedFrom } from '../api/client.ts';
import { useQuery } from '../api/query.ts';
import { useRecord } from '../case/loading/record.ts';
import { Preview } from '../search/preview.tsx';
import { BackLink } from '../shell/back-link.tsx';
import { FactRow } from '../shell/fact-row.tsx';
import { ProblemText } from '../shell/problem.tsx';
import { time, words } from '../words/words.ts';
import { Adjudicate } from './adjudicate.tsx';
import { EndHold } from './end-hold.tsx';
import { alarmsOf } from './holds.tsx';
import { Profile } from './profile.tsx';

interface Props {
  readonly holdId: string;
  /** Whoever only reads is not asked for a decision. */
  readonly isOfficer: boolean;
}

/** One alarm: what the portal counted, the scan that it is of, and what the officer makes of it. */
export function HoldPage({ holdId, isOfficer }: Props) {
  const ask = useCallback(
    async () => versionedFrom(await api.GET('/v1/holds/{holdId}', { params: { path: { holdId } } })),
    [holdId],
  );
  const { value: seen, problem, reload, replace } = useQuery(ask);
  const record = useRecord(seen?.value.scanId, seen?.value.revision);
  if (seen === undefined)
    return (
      <main className="centre">
        <p className={problem === undefined ? 'quiet' : 'notice bad'}>
          {problem === undefined ? words('app.loading') : <ProblemText message={problem} />}
        </p>
        <BackLink to="/radiation" words={words('radiation.back')} />
      </main>
    );
  const { value: hold } = seen;
  return (
    <main className="search">
      <header>
        <BackLink to="/radiation" words={words('radiation.back')} />
        <h1>
          {alarmsOf(hold)} {hold.containers.join(', ')}
        </h1>
      </header>
      <section className="preview" aria-label={words('radiation.measured')}>
        <Profile occupancy={record?.radiation?.find(({ id }) => id === hold.recordId)} />
        {hold.join.kind === 'joined' ? (
          <Joined scanId={hold.join.scanId} />
        ) : (
          <p className="quiet">{words(`radiation.join.${hold.join.kind}`)}</p>
        )}
      </section>
      <About hold={hold} />
      {isOfficer && hold.state === 'open' && (
        <Adjudicate key={hold.id} seen={seen} onDone={replace} onRejected={reload} />
      )}
      {isOfficer && hold.state === 'confirmed' && (
        <EndHold key={hold.id} seen={seen} onDone={replace} onRejected={reload} />
      )}
    </main>
  );
}

function Joined({ scanId }: { readonly scanId: string }) {
  const record = useRecord(scanId, 'latest');
  return <Preview scanId={scanId} revision="latest" record={record} regions={[]} />;
}

function About({ hold }: { readonly hold: Hold }) {
  const { state, openedAt, dueAt, alarms, notMeasured, proposal, adjudication, outcome, passage } = hold;
  return (
    <section className="facts" aria-label={words('radiation.about')}>
      <p className="notice" role="status">
        {words(`radiation.state.${state}`)}
      </p>
      <dl>
        <FactRow name={words('radiation.openedAt')} value={time(openedAt)} />
        <FactRow name={words('case.due')} value={dueAt === undefined ? undefined : time(dueAt)} />
        <FactRow name={words('radiation.lane')} value={passage?.lane} />
        <FactRow
          name={words('radiation.alarms')}
          value={alarms.map(({ description, category }) => description ?? category).join('; ')}
        />
        <FactRow name={words('radiation.notMeasured')} value={notMeasured?.join(', ')} />
        <FactRow
          name={words('radiation.proposed')}
          value={proposal === undefined ? undefined : words(`adjudication.${proposal.given.decision}`)}
        />
        <FactRow
          name={words('adjudication.title')}
          value={
            adjudication === undefined ? undefined : words(`adjudication.${adjudication.given.decision}`)
          }
        />
        <FactRow
          name={words('radiation.ending')}
          value={outcome === undefined ? undefined : words(`radiation.ending.${outcome.kind}`)}
        />
      </dl>
    </section>
  );
}

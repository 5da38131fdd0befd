import { useCallback } from 'react';
import { holdStates } from '../../core/radiation/hold-states.ts';
import { api, type Hold, versionedFrom } from '../api/client.ts';
import { useQuery } from '../api/query.ts';
import { useRecord } from '../case/loading/record.ts';
import { Preview } from '../search/preview.tsx';
import { FactRow } from '../shell/fact-row.tsx';
import { PageLink } from '../shell/page-link.tsx';
import { WaitingPage } from '../shell/pages.tsx';
import { time, words } from '../words/words.ts';
import { Adjudicate } from './adjudicate.tsx';
import { EndHold } from './end-hold.tsx';
import { alarmsOf } from './holds.tsx';
import { Profile } from './profile.tsx';
import { inWords, VehicleOfAlarm } from './vehicle-of-alarm.tsx';

interface Props {
  readonly holdId: string;
  /** Whoever only reads is not asked for a decision. */
  readonly isOfficer: boolean;
}

/** One alarm: the counts of the portal, its scan, and the decision of the officer. */
export function HoldPage({ holdId, isOfficer }: Props) {
  const ask = useCallback(
    async () => versionedFrom(await api.GET('/v1/holds/{holdId}', { params: { path: { holdId } } })),
    [holdId],
  );
  const { value: seen, problem, reload, replace } = useQuery(ask);
  if (seen === undefined)
    return (
      <WaitingPage problem={problem}>
        <Back />
      </WaitingPage>
    );
  const { value: hold } = seen;
  const { canBe } = holdStates[hold.state];
  return (
    <main className="search">
      <header>
        <Back />
        <h1>
          {alarmsOf(hold)} {hold.containers.join(', ')}
        </h1>
      </header>
      <Measured hold={hold} />
      <About hold={hold} />
      {isOfficer && canBe.includes('adjudicated') && (
        <Adjudicate key={hold.id} seen={seen} onDone={replace} onRejected={reload} />
      )}
      {isOfficer && canBe.includes('closed') && (
        <EndHold key={hold.id} seen={seen} onDone={replace} onRejected={reload} />
      )}
      {isOfficer && (
        <VehicleOfAlarm key={`${hold.id} vehicle`} seen={seen} onDone={replace} onRejected={reload} />
      )}
    </main>
  );
}

function Back() {
  return (
    <PageLink className="button" to="/radiation">
      {words('radiation.back')}
    </PageLink>
  );
}

/** What the portal counted, and the picture of the vehicle if the alarm is of one. */
function Measured({ hold: { scanId, revision, recordId, join } }: { readonly hold: Hold }) {
  const record = useRecord(scanId, revision);
  return (
    <section className="preview" aria-label={words('radiation.measured')}>
      <Profile occupancy={record?.radiation?.find(({ id }) => id === recordId)} />
      {'mark' in join && (
        <p className="quiet">{words('radiation.join.vehicle', { vehicle: inWords(join.mark) })}</p>
      )}
      {join.kind === 'joined' && join.isUnmarked === true && join.mark === undefined && (
        <p className="notice">{words('radiation.join.unmarked')}</p>
      )}
      {join.kind === 'joined' && <Joined scanId={join.scanId} />}
      {(join.kind === 'none' || join.kind === 'ambiguous') && (
        <p className="quiet">{words(`radiation.join.${join.kind}`)}</p>
      )}
    </section>
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

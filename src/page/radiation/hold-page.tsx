import { useCallback } from 'react';
import { useAsked } from '../api/asked.ts';
import { api, type Hold, seenIn } from '../api/client.ts';
import { useRecord } from '../case/loading/record.ts';
import { Row } from '../case/row.tsx';
import { Preview } from '../search/preview.tsx';
import { BackLink } from '../shell/back-link.tsx';
import { TroubleWords } from '../shell/trouble.tsx';
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
    async () => seenIn(await api.GET('/v1/holds/{holdId}', { params: { path: { holdId } } })),
    [holdId],
  );
  const { value: seen, trouble, again, keep } = useAsked(ask);
  const record = useRecord(seen?.value.scanId, seen?.value.revision);
  if (seen === undefined)
    return (
      <main className="centre">
        <p className={trouble === undefined ? 'quiet' : 'notice bad'}>
          {trouble === undefined ? words('app.loading') : <TroubleWords said={trouble} />}
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
        <Adjudicate key={hold.id} seen={seen} onDone={keep} onRejected={again} />
      )}
      {isOfficer && hold.state === 'confirmed' && (
        <EndHold key={hold.id} seen={seen} onDone={keep} onRejected={again} />
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
        <Row name={words('radiation.openedAt')} value={time(openedAt)} />
        <Row name={words('case.due')} value={dueAt === undefined ? undefined : time(dueAt)} />
        <Row name={words('radiation.lane')} value={passage?.lane} />
        <Row
          name={words('radiation.alarms')}
          value={alarms.map(({ description, category }) => description ?? category).join('; ')}
        />
        <Row name={words('radiation.notMeasured')} value={notMeasured?.join(', ')} />
        <Row
          name={words('radiation.proposed')}
          value={proposal === undefined ? undefined : words(`adjudication.${proposal.given.decision}`)}
        />
        <Row
          name={words('adjudication.title')}
          value={
            adjudication === undefined ? undefined : words(`adjudication.${adjudication.given.decision}`)
          }
        />
        <Row
          name={words('radiation.ending')}
          value={outcome === undefined ? undefined : words(`radiation.ending.${outcome.kind}`)}
        />
      </dl>
    </section>
  );
}

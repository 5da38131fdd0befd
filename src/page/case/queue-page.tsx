import { useState } from 'react';
import { Button } from 'react-aria-components';
import { AdviceRequests } from '../advice/requests.tsx';
import { api, bodyOf, type Case, type QueueCounts, queryErrorText, versionedFrom } from '../api/client.ts';
import { useQuery } from '../api/query.ts';
import { useKeys } from '../shell/keys.ts';
import { goTo } from '../shell/location.ts';
import { ProblemNotice } from '../shell/problem.tsx';
import { words } from '../words/words.ts';
import { queueBands } from './kinds.ts';
import { beginRecord, dealt } from './loading/record.ts';
import { Referrals } from './verdict/referral.tsx';

/** How many cases wait; nobody chooses among them. */
const askCounts = async (): Promise<QueueCounts> => bodyOf(await api.GET('/v1/queue/counts'));
const about = ['case', 'hold'] as const;

/** The case in hand, or the next one; undefined where none waits. */
export async function claimNextCase(): Promise<Case | undefined> {
  const { data, response } = await api.POST('/v1/cases/next', { body: {} });
  if (response.status === 204 || data === undefined) return undefined;
  dealt.keep(data.id, versionedFrom({ data, response }));
  await beginRecord(data);
  return data;
}

/** Goes to the next case, or says why not. */
function useNextCase() {
  const [said, setSaid] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const next = async () => {
    setBusy(true);
    try {
      const taken = await claimNextCase();
      if (taken === undefined) setSaid(words('queue.none'));
      else goTo(`/case/${taken.id}`);
    } catch (error) {
      setSaid(queryErrorText(error));
    } finally {
      setBusy(false);
    }
  };
  return { said, isBusy, next: () => void next() };
}

export function QueuePage() {
  const { value: counts, problem } = useQuery(askCounts, about);
  const { said, isBusy, next } = useNextCase();
  useKeys([['n', next]]);
  return (
    <main className="centre">
      <h1>{words('queue.title')}</h1>
      {problem !== undefined && <ProblemNotice message={problem} isQuiet />}
      <ul className="bands">
        {queueBands.map((band) => (
          <li key={band} className={band}>
            <span className="count">{counts?.bands[band] ?? '…'}</span>
            <span className="quiet">{words(`queue.band.${band}`)}</span>
          </li>
        ))}
      </ul>
      <p className="quiet">{words('queue.pastDue', { count: counts?.pastDue ?? '…' })}</p>
      <Button className="button main large" autoFocus isDisabled={isBusy} onPress={next}>
        {words('queue.next')} <kbd>N</kbd>
      </Button>
      <Referrals />
      <AdviceRequests title={words('advice.colleagues')} />
      <p className="quiet" role="status">
        {said ?? words('queue.dealt')}
      </p>
    </main>
  );
}

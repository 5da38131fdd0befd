import { useState } from 'react';
import { Button } from 'react-aria-components';
import { AdviceAskedList } from '../advice/asked-list.tsx';
import { useAsked } from '../api/asked.ts';
import { api, bodyOf, type Case, type QueueCounts, seenIn, troubleOf } from '../api/client.ts';
import { beginRecord, dealt } from '../case/loading/record.ts';
import { ToRefer } from '../case/to-refer.tsx';
import { useKeys } from '../shell/keys.ts';
import { goTo } from '../shell/location.ts';
import { Trouble } from '../shell/trouble.tsx';
import { words } from '../words/words.ts';

const bands = ['high', 'raised', 'routine'] as const;

/** How many cases wait; nobody chooses among them. */
const askCounts = async (): Promise<QueueCounts> => bodyOf(await api.GET('/v1/queue/counts'));
const about = ['case', 'hold'] as const;

/** The case in hand, or the next one; undefined where none waits. */
export async function takeNext(): Promise<Case | undefined> {
  const { data, response } = await api.POST('/v1/cases/next', { body: {} });
  if (response.status === 204 || data === undefined) return undefined;
  dealt.keep(data.id, seenIn({ data, response }));
  await beginRecord(data);
  return data;
}

export function Home() {
  const { value: counts, trouble } = useAsked(askCounts, about);
  const [said, setSaid] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const next = async () => {
    setBusy(true);
    try {
      const taken = await takeNext();
      if (taken === undefined) setSaid(words('queue.none'));
      else goTo(`/case/${taken.id}`);
    } catch (error) {
      setSaid(troubleOf(error));
    } finally {
      setBusy(false);
    }
  };
  useKeys([['n', () => void next()]]);
  return (
    <main className="centre">
      <h1>{words('queue.title')}</h1>
      {trouble !== undefined && <Trouble said={trouble} isQuiet />}
      <ul className="bands">
        {bands.map((band) => (
          <li key={band} className={band}>
            <span className="count">{counts?.bands[band] ?? '…'}</span>
            <span className="quiet">{words(`queue.band.${band}`)}</span>
          </li>
        ))}
      </ul>
      <p className="quiet">{words('queue.pastDue', { count: counts?.pastDue ?? '…' })}</p>
      <Button className="button main large" autoFocus isDisabled={isBusy} onPress={() => void next()}>
        {words('queue.next')} <kbd>N</kbd>
      </Button>
      <ToRefer />
      <AdviceAskedList title={words('advice.colleagues')} />
      <p className="quiet" role="status">
        {said ?? words('queue.dealt')}
      </p>
    </main>
  );
}

import { useCallback, useEffect, useState } from 'react';
import { Button } from 'react-aria-components';
import { AnotherReading } from '../advice/another-reading.tsx';
import { useAsked } from '../api/asked.ts';
import { api, type Case, rejectionOf, seenIn } from '../api/client.ts';
import { WhyDialog } from '../shell/why-dialog.tsx';
import { currentLanguage, words } from '../words/words.ts';

/** Cases that she decided and that wait for her to send them to a search; the next case does not wait for that. */

const KEY = 'nii-to-refer';

function stored(): readonly string[] {
  const text = window.sessionStorage.getItem(KEY) ?? '';
  return text === '' ? [] : text.split(' ');
}

function store(ids: readonly string[]): void {
  window.sessionStorage.setItem(KEY, ids.join(' '));
}

/** Keeps a case whose verdict stands and may be searched; a second reading, or a dispute, comes first. */
export function keepToRefer({ id, state, verdicts }: Case): void {
  const kind = verdicts.at(-1)?.kind;
  if (state === 'decided' && (kind === 'suspect' || kind === 'inconclusive')) store([...stored(), id]);
}

/** The verdict was taken back. */
export function forgetToRefer(caseId: string): void {
  store(stored().filter((id) => id !== caseId));
}

/** The address of the order of a case, in the language of the page. */
export function orderAddress(caseId: string): string {
  const language = currentLanguage();
  return `/v1/cases/${caseId}/search-order.pdf?language=${language === 'pseudo' ? 'en' : language}`;
}

export function ToRefer() {
  const [ids, setIds] = useState(stored);
  const [first] = ids;
  useEffect(() => store(ids), [ids]);
  if (first === undefined) return null;
  return <Referral key={first} caseId={first} onDone={() => setIds(ids.slice(1))} />;
}

interface ReferralProps {
  readonly caseId: string;
  readonly onDone: () => void;
}

function Referral({ caseId, onDone }: ReferralProps) {
  const ask = useCallback(
    async () => seenIn(await api.GET('/v1/cases/{caseId}', { params: { path: { caseId } } })),
    [caseId],
  );
  const { value: seen, keep, again } = useAsked(ask);
  const [isAsking, setAsking] = useState(false);
  const [trouble, setTrouble] = useState<string>();
  if (seen === undefined) return null;
  const container = seen.value.container ?? caseId;
  const refer = async (note: string) => {
    setTrouble(undefined);
    try {
      const params = { path: { caseId }, header: { 'if-match': seen.tag } };
      keep(seenIn(await api.POST('/v1/cases/{caseId}/refer', { params, body: { note } })));
    } catch (error) {
      setTrouble(rejectionOf(error));
      await again();
    }
  };
  return (
    <section className="notice refer" aria-label={words('refer.title', { container })}>
      <span>{words(seen.value.state === 'search' ? 'refer.sent' : 'refer.title', { container })}</span>
      {trouble !== undefined && <span role="alert">{trouble}</span>}
      {seen.value.state === 'decided' && (
        <Button className="button" onPress={() => setAsking(true)}>
          {words('refer.send')}
        </Button>
      )}
      {seen.value.state === 'decided' && <AnotherReading caseId={caseId} onAsked={onDone} />}
      {seen.value.state === 'search' && (
        <a href={orderAddress(caseId)} target="_blank" rel="noreferrer">
          {words('search.print')}
        </a>
      )}
      <Button className="button" onPress={onDone}>
        {words('keys.close')}
      </Button>
      <WhyDialog
        title={isAsking ? words('refer.dialog', { container }) : undefined}
        label={words('search.instructions')}
        onClose={() => setAsking(false)}
        onSend={(note) => void refer(note)}
      />
    </section>
  );
}

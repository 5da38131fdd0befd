import { useCallback, useEffect, useState } from 'react';
import { Button } from 'react-aria-components';
import { RequestSecondReading } from '../../advice/request-second-reading.tsx';
import { api, type Case, rejectionText, versionedFrom } from '../../api/client.ts';
import { useQuery } from '../../api/query.ts';
import { ReasonDialog } from '../../shell/reason-dialog.tsx';
import { currentLanguage, words } from '../../words/words.ts';

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
export function offerReferral({ id, state, verdicts }: Case): void {
  const kind = verdicts.at(-1)?.kind;
  if (state === 'decided' && (kind === 'suspect' || kind === 'inconclusive')) store([...stored(), id]);
}

/** The verdict was taken back. */
export function withdrawReferral(caseId: string): void {
  store(stored().filter((id) => id !== caseId));
}

/** The address of the order of a case, in the language of the page. */
export function searchOrderPath(caseId: string): string {
  const language = currentLanguage();
  return `/v1/cases/${caseId}/search-order.pdf?language=${language === 'pseudo' ? 'en' : language}`;
}

export function Referrals() {
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
    async () => versionedFrom(await api.GET('/v1/cases/{caseId}', { params: { path: { caseId } } })),
    [caseId],
  );
  const { value: seen, replace, reload } = useQuery(ask);
  const [isAsking, setAsking] = useState(false);
  const [problem, setProblem] = useState<string>();
  if (seen === undefined) return null;
  const container = seen.value.container ?? caseId;
  const refer = async (note: string) => {
    setProblem(undefined);
    try {
      const params = { path: { caseId }, header: { 'if-match': seen.tag } };
      replace(versionedFrom(await api.POST('/v1/cases/{caseId}/refer', { params, body: { note } })));
    } catch (error) {
      setProblem(rejectionText(error));
      await reload();
    }
  };
  return (
    <section className="notice refer" aria-label={words('refer.title', { container })}>
      <span>{words(seen.value.state === 'search' ? 'refer.sent' : 'refer.title', { container })}</span>
      {problem !== undefined && <span role="alert">{problem}</span>}
      {seen.value.state === 'decided' && (
        <Button className="button" onPress={() => setAsking(true)}>
          {words('refer.send')}
        </Button>
      )}
      {seen.value.state === 'decided' && <RequestSecondReading caseId={caseId} onAsked={onDone} />}
      {seen.value.state === 'search' && (
        <a href={searchOrderPath(caseId)} target="_blank" rel="noreferrer">
          {words('search.print')}
        </a>
      )}
      <Button className="button" onPress={onDone}>
        {words('keys.close')}
      </Button>
      <ReasonDialog
        title={isAsking ? words('refer.dialog', { container }) : undefined}
        label={words('search.instructions')}
        onClose={() => setAsking(false)}
        onSend={(note) => void refer(note)}
      />
    </section>
  );
}

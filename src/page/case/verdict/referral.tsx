import { useEffect, useState } from 'react';
import { Button } from 'react-aria-components';
import { RequestSecondReading } from '../../advice/request-second-reading.tsx';
import { useAction } from '../../api/action.ts';
import { api, type Case, versionedFrom } from '../../api/client.ts';
import { ReasonButton } from '../../shell/reason-dialog.tsx';
import { currentLanguage, words } from '../../words/words.ts';
import { useCase } from '../claim.ts';
import { canBeSearched, nextSteps } from '../kinds.ts';

/** Cases that the reader decided and may refer to a search, while the next case is already open. */

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
  if (nextSteps[state] === 'referral' && kind !== undefined && canBeSearched[kind]) store([...stored(), id]);
}

/** The verdict was taken back. */
export function withdrawReferral(caseId: string): void {
  store(stored().filter((id) => id !== caseId));
}

interface OrderProps {
  readonly caseId: string;
  readonly className?: string;
}

/** Opens the search order of a case, in the language of the page. */
export function SearchOrderLink({ caseId, className }: OrderProps) {
  const language = currentLanguage();
  const query = `language=${language === 'pseudo' ? 'en' : language}`;
  return (
    <a
      className={className}
      href={`/v1/cases/${caseId}/search-order.pdf?${query}`}
      target="_blank"
      rel="noreferrer"
    >
      {words('search.print')}
    </a>
  );
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
  const { value: seen, replace, reload } = useCase(caseId);
  const { problem, run } = useAction();
  if (seen === undefined) return null;
  const container = seen.value.container ?? caseId;
  const step = nextSteps[seen.value.state];
  const refer = (note: string) =>
    run(async () => {
      const params = { path: { caseId }, header: { 'if-match': seen.tag } };
      replace(versionedFrom(await api.POST('/v1/cases/{caseId}/refer', { params, body: { note } })));
    }, reload);
  return (
    <section className="notice refer" aria-label={words('refer.title', { container })}>
      <span>{words(step === 'outcome' ? 'refer.sent' : 'refer.title', { container })}</span>
      {problem !== undefined && <span role="alert">{problem}</span>}
      {step === 'referral' && (
        <>
          <ReasonButton
            name={words('refer.send')}
            title={words('refer.dialog', { container })}
            label={words('search.instructions')}
            onSend={(note) => void refer(note)}
          />
          <RequestSecondReading caseId={caseId} onAsked={onDone} />
        </>
      )}
      {step === 'outcome' && <SearchOrderLink caseId={caseId} />}
      <Button className="button" onPress={onDone}>
        {words('keys.close')}
      </Button>
    </section>
  );
}

import { useCallback } from 'react';
import { api, bodyOf } from '../api/client.ts';
import { useQuery } from '../api/query.ts';
import { Photographs } from '../photographs/photographs.tsx';
import { reasonInWords, useReasons } from '../reasons/reasons.ts';
import { MarkedPicture } from '../search/preview.tsx';
import { FactRow } from '../shell/fact-row.tsx';
import { PageLink } from '../shell/page-link.tsx';
import { WaitingPage } from '../shell/pages.tsx';
import { time, words } from '../words/words.ts';

type Decided = NonNullable<ReturnType<typeof useOwnDecision>['value']>;

function useOwnDecision(caseId: string) {
  const ask = useCallback(
    async () => bodyOf(await api.GET('/v1/own-decisions/{caseId}', { params: { path: { caseId } } })),
    [caseId],
  );
  return useQuery(ask);
}

/** One case that the reader decided, to look at: their verdict beside what was found. */
export function OwnDecisionPage({ caseId }: { readonly caseId: string }) {
  const { value, problem } = useOwnDecision(caseId);
  const back = (
    <PageLink className="button" to="/decided">
      {words('own.back')}
    </PageLink>
  );
  if (value === undefined) return <WaitingPage problem={problem}>{back}</WaitingPage>;
  const own = value.case.verdicts.findLast(({ at }) => at === value.decidedAt);
  return (
    <main className="search">
      <header>
        {back}
        <h1>{value.container ?? words('case.noContainer')}</h1>
      </header>
      <MarkedPicture
        address={`/v1/own-decisions/${encodeURIComponent(caseId)}/preview`}
        shown={value.shown}
        isCabMasked={value.isCabMasked}
        regions={own?.regions ?? []}
      />
      <section className="facts" aria-label={words('own.became')}>
        <h2>{words('own.became')}</h2>
        <p>{words(`own.became.${value.became}`)}</p>
        <OutcomeFacts outcome={value.case.outcome} />
        <VerdictFacts decided={value} note={own?.note} />
      </section>
      <Photographs caseId={caseId} isOpen={false} />
    </main>
  );
}

function OutcomeFacts({ outcome }: { readonly outcome: Decided['case']['outcome'] }) {
  if (outcome === undefined) return null;
  const { what, where, method, extent, note } = outcome;
  return (
    <dl>
      <FactRow name={words('outcome.what')} value={what} />
      <FactRow name={words('outcome.where')} value={where} />
      <FactRow name={words('outcome.method')} value={method && words(`outcome.method.${method}`)} />
      <FactRow name={words('outcome.extent')} value={extent && words(`outcome.extent.${extent}`)} />
      <FactRow name={words('verdict.note')} value={note} />
    </dl>
  );
}

interface VerdictFactsProps {
  readonly decided: Decided;
  readonly note: string | undefined;
}

function VerdictFacts({ decided: { verdict, decidedAt }, note }: VerdictFactsProps) {
  const reasons = useReasons();
  return (
    <>
      <h2>{words('own.verdict')}</h2>
      <dl>
        <FactRow
          name={words('verdict.title')}
          value={`${words(`verdict.${verdict.kind}`)}: ${reasonInWords(reasons, verdict.reason)}`}
        />
        <FactRow name={words('own.at')} value={time(decidedAt)} />
        <FactRow name={words('verdict.note')} value={note} />
      </dl>
    </>
  );
}

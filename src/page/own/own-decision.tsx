import { useCallback } from 'react';
import { api, bodyOf } from '../api/client.ts';
import { useQuery } from '../api/query.ts';
import { Photographs } from '../photographs/photographs.tsx';
import { reasonInWords, useReasons } from '../reasons/reasons.ts';
import { MarkedPicture } from '../search/preview.tsx';
import { BackLink } from '../shell/back-link.tsx';
import { FactRow } from '../shell/fact-row.tsx';
import { ProblemText } from '../shell/problem.tsx';
import { time, words } from '../words/words.ts';

/** One case that the reader decided, to look at: her verdict beside what was found. */
export function OwnDecisionPage({ caseId }: { readonly caseId: string }) {
  const ask = useCallback(
    async () => bodyOf(await api.GET('/v1/own-decisions/{caseId}', { params: { path: { caseId } } })),
    [caseId],
  );
  const { value, problem } = useQuery(ask);
  const reasons = useReasons();
  if (value === undefined)
    return (
      <main className="centre">
        <p className={problem === undefined ? 'quiet' : 'notice bad'}>
          {problem === undefined ? words('app.loading') : <ProblemText message={problem} />}
        </p>
        <BackLink to="/decided" words={words('own.back')} />
      </main>
    );
  const { verdicts, outcome } = value.case;
  const own = verdicts.findLast(({ at }) => at === value.decidedAt);
  return (
    <main className="search">
      <header>
        <BackLink to="/decided" words={words('own.back')} />
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
        {outcome !== undefined && (
          <dl>
            <FactRow name={words('outcome.what')} value={outcome.what} />
            <FactRow name={words('outcome.where')} value={outcome.where} />
            <FactRow
              name={words('outcome.method')}
              value={outcome.method && words(`outcome.method.${outcome.method}`)}
            />
            <FactRow
              name={words('outcome.extent')}
              value={outcome.extent && words(`outcome.extent.${outcome.extent}`)}
            />
            <FactRow name={words('verdict.note')} value={outcome.note} />
          </dl>
        )}
        <h2>{words('own.verdict')}</h2>
        <dl>
          <FactRow
            name={words('verdict.title')}
            value={`${words(`verdict.${value.verdict.kind}`)}: ${reasonInWords(reasons, value.verdict.reason)}`}
          />
          <FactRow name={words('own.at')} value={time(value.decidedAt)} />
          <FactRow name={words('verdict.note')} value={own?.note} />
        </dl>
      </section>
      <Photographs caseId={caseId} isOpen={false} />
    </main>
  );
}

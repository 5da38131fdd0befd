import { useCallback } from 'react';
import { useAsked } from '../api/asked.ts';
import { api, bodyOf } from '../api/client.ts';
import { Row } from '../case/row.tsx';
import { Photographs } from '../photographs/photographs.tsx';
import { reasonInWords, useReasons } from '../reasons/reasons.ts';
import { MarkedPicture } from '../search/preview.tsx';
import { BackLink } from '../shell/back-link.tsx';
import { TroubleWords } from '../shell/trouble.tsx';
import { time, words } from '../words/words.ts';

/** One case that the reader decided, to look at: her verdict beside what was found. */
export function OwnDecisionPage({ caseId }: { readonly caseId: string }) {
  const ask = useCallback(
    async () => bodyOf(await api.GET('/v1/own-decisions/{caseId}', { params: { path: { caseId } } })),
    [caseId],
  );
  const { value, trouble } = useAsked(ask);
  const reasons = useReasons();
  if (value === undefined)
    return (
      <main className="centre">
        <p className={trouble === undefined ? 'quiet' : 'notice bad'}>
          {trouble === undefined ? words('app.loading') : <TroubleWords said={trouble} />}
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
            <Row name={words('outcome.what')} value={outcome.what} />
            <Row name={words('outcome.where')} value={outcome.where} />
            <Row
              name={words('outcome.method')}
              value={outcome.method && words(`outcome.method.${outcome.method}`)}
            />
            <Row
              name={words('outcome.extent')}
              value={outcome.extent && words(`outcome.extent.${outcome.extent}`)}
            />
            <Row name={words('verdict.note')} value={outcome.note} />
          </dl>
        )}
        <h2>{words('own.verdict')}</h2>
        <dl>
          <Row
            name={words('verdict.title')}
            value={`${words(`verdict.${value.verdict.kind}`)}: ${reasonInWords(reasons, value.verdict.reason)}`}
          />
          <Row name={words('own.at')} value={time(value.decidedAt)} />
          <Row name={words('verdict.note')} value={own?.note} />
        </dl>
      </section>
      <Photographs caseId={caseId} isOpen={false} />
    </main>
  );
}

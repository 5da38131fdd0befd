import { useCallback, useState } from 'react';
import { Button } from 'react-aria-components';
import { useAsked } from '../api/asked.ts';
import { api, type Case, type ScanRecord, seenIn } from '../api/client.ts';
import { useDeclarations } from '../case/facts.tsx';
import { useRecord } from '../case/loading/record.ts';
import { Row } from '../case/row.tsx';
import { orderAddress } from '../case/to-refer.tsx';
import { Photographs } from '../photographs/photographs.tsx';
import { reasonInWords, useReasons } from '../reasons/reasons.ts';
import { BackLink } from '../shell/back-link.tsx';
import { goTo } from '../shell/location.ts';
import { TroubleWords } from '../shell/trouble.tsx';
import { number, time, words } from '../words/words.ts';
import { OutcomeForm } from './outcome-form.tsx';
import { Preview } from './preview.tsx';

/** One search: what to look for, where in the picture, and what was found. Made for a phone at the dock first. */
export function SearchPage({ caseId }: { readonly caseId: string }) {
  const ask = useCallback(
    async () => seenIn(await api.GET('/v1/cases/{caseId}', { params: { path: { caseId } } })),
    [caseId],
  );
  const { value: seen, trouble, again, keep } = useAsked(ask);
  const [isSending, setSending] = useState(false);
  const verdict = seen?.value.verdicts.at(-1);
  const revision = verdict?.revision ?? seen?.value.revision;
  const record = useRecord(seen?.value.scanId, revision);
  if (seen === undefined)
    return (
      <main className="centre">
        <p className={trouble === undefined ? 'quiet' : 'notice bad'}>
          {trouble === undefined ? words('app.loading') : <TroubleWords said={trouble} />}
        </p>
        <BackLink to="/searches" words={words('search.back')} />
      </main>
    );
  const { value } = seen;
  return (
    <main className="search">
      <header>
        <BackLink to="/searches" words={words('search.back')} />
        <h1>{value.container ?? words('case.noContainer')}</h1>
      </header>
      <Preview
        scanId={value.scanId}
        revision={revision ?? 1}
        record={record}
        regions={verdict?.regions ?? []}
      />
      <LookFor value={value} record={record} />
      {value.state === 'search' && (
        <a className="button" href={orderAddress(caseId)} target="_blank" rel="noreferrer">
          {words('search.print')}
        </a>
      )}
      <Photographs caseId={caseId} isOpen={value.state === 'search'} onSending={setSending} />
      {value.state === 'search' ? (
        <OutcomeForm seen={seen} isWaiting={isSending} onRecorded={keep} onRejected={again} />
      ) : (
        <Recorded value={value} />
      )}
    </main>
  );
}

type Regions = NonNullable<Case['verdicts'][number]['regions']>;

/** What the reader wrote beside regions, each with the number that the picture shows. */
function writtenBeside(regions: Regions): string | undefined {
  const written = regions.flatMap(({ text }, i) => (text === undefined ? [] : [`${i + 1}: ${text}`]));
  return written.length === 0 ? undefined : written.join('; ');
}

interface LookForProps {
  readonly value: Case;
  readonly record: ScanRecord | undefined;
}

/** Why it is searched, and what was declared. */
function LookFor({ value, record }: LookForProps) {
  const declarations = useDeclarations(value.declarations ?? []);
  const verdict = value.verdicts.at(-1);
  const reasons = useReasons();
  const referred = value.history.findLast(({ kind }) => kind === 'referred');
  const instructions = referred?.detail.note;
  const plates = record?.units.find(({ id }) => id === value.unitId)?.plates;
  return (
    <section className="facts" aria-label={words('search.lookFor')}>
      <h2>{words('search.lookFor')}</h2>
      <dl>
        <Row
          name={words('verdict.title')}
          value={
            verdict === undefined
              ? undefined
              : `${words(`verdict.${verdict.kind}`)}: ${reasonInWords(reasons, verdict.reason)}`
          }
        />
        <Row name={words('verdict.note')} value={verdict?.note} />
        <Row name={words('search.marks')} value={writtenBeside(verdict?.regions ?? [])} />
        <Row
          name={words('search.instructions')}
          value={typeof instructions === 'string' ? instructions : undefined}
        />
        <Row name={words('search.plates')} value={plates?.join(', ')} />
        <Row name={words('search.sent')} value={referred === undefined ? undefined : time(referred.at)} />
      </dl>
      <h2>{words('case.declaration')}</h2>
      {declarations.length === 0 && <span className="quiet">{words('case.noDeclaration')}</span>}
      {declarations.map(({ ref, body }) => (
        <dl key={ref}>
          <Row name={words('case.declaration')} value={body.mrn ?? ref} />
          <Row name={words('case.goods')} value={body.description} />
          <Row name={words('case.hs')} value={body.hsCodes?.join(', ')} />
          <Row
            name={words('case.packages')}
            value={body.packages === undefined ? undefined : number(body.packages)}
          />
          <Row name={words('case.origin')} value={body.origin} />
        </dl>
      ))}
    </section>
  );
}

/** What was said of it, once the search is over. */
function Recorded({ value }: { readonly value: Case }) {
  const { outcome, state } = value;
  return (
    <section className="facts" aria-label={words('outcome.title')}>
      <p className="notice" role="status">
        {words(state === 'searched' ? 'search.inPart' : 'search.over')}
      </p>
      {outcome !== undefined && (
        <dl>
          <Row name={words('outcome.title')} value={words(`outcome.${outcome.kind}`)} />
          <Row name={words('outcome.what')} value={outcome.what} />
          <Row name={words('outcome.where')} value={outcome.where} />
          <Row name={words('verdict.note')} value={outcome.note} />
        </dl>
      )}
      <Button className="button main" onPress={() => goTo('/searches')}>
        {words('search.back')}
      </Button>
    </section>
  );
}

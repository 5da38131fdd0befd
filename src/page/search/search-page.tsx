import { useState } from 'react';
import { Button } from 'react-aria-components';
import type { Case, ScanRecord } from '../api/client.ts';
import { useCase } from '../case/claim.ts';
import { useDeclarations } from '../case/facts.tsx';
import { nextSteps } from '../case/kinds.ts';
import { useRecord } from '../case/loading/record.ts';
import { SearchOrderLink } from '../case/verdict/referral.tsx';
import { Photographs } from '../photographs/photographs.tsx';
import { reasonInWords, useReasons } from '../reasons/reasons.ts';
import { FactRow } from '../shell/fact-row.tsx';
import { goTo } from '../shell/location.ts';
import { PageLink } from '../shell/page-link.tsx';
import { WaitingPage } from '../shell/pages.tsx';
import { number, time, words } from '../words/words.ts';
import { OutcomeForm } from './outcome-form.tsx';
import { Preview } from './preview.tsx';

/** One search: what to look for, where in the picture, and the outcome. Made for a phone at the dock first. */
export function SearchPage({ caseId }: { readonly caseId: string }) {
  const { value: seen, problem, reload, replace } = useCase(caseId);
  const [isSending, setSending] = useState(false);
  const verdict = seen?.value.verdicts.at(-1);
  const revision = verdict?.revision ?? seen?.value.revision;
  const record = useRecord(seen?.value.scanId, revision);
  const back = (
    <PageLink className="button" to="/searches">
      {words('search.back')}
    </PageLink>
  );
  if (seen === undefined) return <WaitingPage problem={problem}>{back}</WaitingPage>;
  const { value } = seen;
  const isOpen = nextSteps[value.state] === 'outcome';
  return (
    <main className="search">
      <header>
        {back}
        <h1>{value.container ?? words('case.noContainer')}</h1>
      </header>
      <Preview
        scanId={value.scanId}
        revision={revision ?? 1}
        record={record}
        regions={verdict?.regions ?? []}
      />
      <LookFor value={value} record={record} />
      {isOpen && <SearchOrderLink className="button" caseId={caseId} />}
      <Photographs caseId={caseId} isOpen={isOpen} onSending={setSending} />
      {isOpen ? (
        <OutcomeForm seen={seen} isWaiting={isSending} onRecorded={replace} onRejected={reload} />
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

/** Why the case is searched, and what was declared. */
function LookFor({ value, record }: LookForProps) {
  const verdict = value.verdicts.at(-1);
  const reasons = useReasons();
  const referred = value.history.findLast(({ kind }) => kind === 'referred');
  const instructions = referred?.detail.note;
  const plates = record?.units.find(({ id }) => id === value.unitId)?.plates;
  const said = verdict && `${words(`verdict.${verdict.kind}`)}: ${reasonInWords(reasons, verdict.reason)}`;
  return (
    <section className="facts" aria-label={words('search.lookFor')}>
      <h2>{words('search.lookFor')}</h2>
      <dl>
        <FactRow name={words('verdict.title')} value={said} />
        <FactRow name={words('verdict.note')} value={verdict?.note} />
        <FactRow name={words('search.marks')} value={writtenBeside(verdict?.regions ?? [])} />
        <FactRow
          name={words('search.instructions')}
          value={typeof instructions === 'string' ? instructions : undefined}
        />
        <FactRow name={words('search.plates')} value={plates?.join(', ')} />
        <FactRow name={words('search.sent')} value={referred && time(referred.at)} />
      </dl>
      <DeclaredInShort refs={value.declarations ?? []} />
    </section>
  );
}

function DeclaredInShort({ refs }: { readonly refs: readonly string[] }) {
  const declarations = useDeclarations(refs);
  return (
    <>
      <h2>{words('case.declaration')}</h2>
      {declarations.length === 0 && <span className="quiet">{words('case.noDeclaration')}</span>}
      {declarations.map(({ ref, body }) => (
        <dl key={ref}>
          <FactRow name={words('case.declaration')} value={body.mrn ?? ref} />
          <FactRow name={words('case.goods')} value={body.description} />
          <FactRow name={words('case.hs')} value={body.hsCodes?.join(', ')} />
          <FactRow
            name={words('case.packages')}
            value={body.packages === undefined ? undefined : number(body.packages)}
          />
          <FactRow name={words('case.origin')} value={body.origin} />
        </dl>
      ))}
    </>
  );
}

/** What was said of it, once the search is over. */
function Recorded({ value }: { readonly value: Case }) {
  const { outcome, state } = value;
  return (
    <section className="facts" aria-label={words('outcome.title')}>
      <p className="notice" role="status">
        {words(nextSteps[state] === 'acceptance' ? 'search.inPart' : 'search.over')}
      </p>
      {outcome !== undefined && (
        <dl>
          <FactRow name={words('outcome.title')} value={words(`outcome.${outcome.kind}`)} />
          <FactRow name={words('outcome.what')} value={outcome.what} />
          <FactRow name={words('outcome.where')} value={outcome.where} />
          <FactRow name={words('verdict.note')} value={outcome.note} />
        </dl>
      )}
      <Button className="button main" onPress={() => goTo('/searches')}>
        {words('search.back')}
      </Button>
    </section>
  );
}

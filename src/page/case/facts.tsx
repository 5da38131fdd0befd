import { useEffect, useState } from 'react';
import { type ModelReasonFacts, parseModelReason } from '../../core/case/reason-text.ts';
import { api, bodyOf, type Case, type Declaration, type Emptiness, type ScanRecord } from '../api/client.ts';
import { FactRow } from '../shell/fact-row.tsx';
import { number, time, words } from '../words/words.ts';
import { DeclaredGoods, Differences, RadiationNear } from './goods.tsx';

/**
 * Explains the place of the case in the queue, in the reader's language. Declarations are shown separately; text from an
 * administration or a model stays in its own language.
 */
function reasonsOf({ reasons, anomalyPercentile = 0, declaredRisk = 0 }: Case): readonly string[] {
  const known: Readonly<Record<string, (text: string) => string | undefined>> = {
    model: (text) => {
      const percentile = number(Math.floor(anomalyPercentile * 10) / 10);
      const facts = parseModelReason(text);
      const score = words(facts.isOfWholePicture ? 'why.model.whole' : 'why.model', { percentile });
      return `${score}${amongAlike(facts)}${highestOf(facts)}`;
    },
    risk: (text) => {
      const why = /\(.*\)$/s.exec(text)?.[0] ?? '';
      return `${words('why.risk', { risk: declaredRisk })} ${why}`.trim();
    },
    'not-analysed': (text) => words('why.not-analysed', { reason: afterColon(text) }),
    reopened: (text) => words('why.reopened', { reason: afterColon(text) }),
    completeness: () => words('why.completeness'),
    'second-opinion': () => words('why.second-opinion'),
    declaration: () => undefined,
  };
  return reasons.flatMap(({ code, text }) => {
    const shown = code in known ? known[code]?.(text) : text;
    return shown === undefined ? [] : [shown];
  });
}

/** Compares the score with similar loads, if the package of the model has a reference for them. */
function amongAlike({ alike }: ModelReasonFacts): string {
  if (alike === undefined) return '';
  const kind = ({ empty: 'empty', homogeneous: 'even', heterogeneous: 'mixed' } as const)[alike.load];
  return words(`why.model.${kind}`, { percentile: number(alike.percentile) });
}

/** Names the model with this percentile, if several models analysed the scan. */
function highestOf({ highestOf: highest }: ModelReasonFacts): string {
  return highest === undefined
    ? ''
    : words('why.model.of', { model: highest.model, count: String(highest.models) });
}

const afterColon = (text: string) => text.slice(text.indexOf(': ') + 2);

/** The declarations that a case names; none while they load, or if one cannot be read. */
export function useDeclarations(refs: readonly string[]): readonly Declaration[] {
  const [found, setFound] = useState<readonly Declaration[]>([]);
  const key = refs.join('\n');
  useEffect(() => {
    const asked = key === '' ? [] : key.split('\n');
    void Promise.all(
      asked.map(async (ref) =>
        bodyOf(await api.GET('/v1/declarations/{ref}', { params: { path: { ref } } })),
      ),
    )
      .then(setFound)
      .catch(() => setFound([]));
  }, [key]);
  return found;
}

interface Props {
  readonly value: Case;
  readonly record: ScanRecord | undefined;
  readonly emptiness: Emptiness | undefined;
}

/** What the check without a model says of the hold of this object. */
function holdOf(emptiness: Emptiness | undefined, unitId: string): string | undefined {
  const unit = emptiness?.units.find((one) => one.unitId === unitId);
  if (unit === undefined) return undefined;
  if (unit.looks !== 'not-certain') return words(`hold.${unit.looks}`);
  return words('hold.not-certain', { doubt: words(`hold.doubt.${unit.doubt ?? 'no-hold'}`) });
}

/** What is known of the goods and of the scan, beside the picture. */
export function Facts({ value, record, emptiness }: Props) {
  const declarations = useDeclarations(value.declarations ?? []);
  const warnings = [...new Set(record?.warnings.map(({ message }) => message))];
  return (
    <section
      className="facts"
      // it scrolls, and keys can only scroll what has the focus
      // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
      tabIndex={0}
      aria-label={words('case.title', { container: value.container ?? value.id })}
    >
      <h1>{value.container ?? words('case.noContainer')}</h1>
      <Rank value={value} />
      <h2>{words('case.reasons')}</h2>
      <Texts texts={reasonsOf(value)} />
      {warnings.length > 0 && (
        <>
          <h2>{words('case.warnings')}</h2>
          <Texts texts={warnings} />
        </>
      )}
      <h2>{words('case.declaration')}</h2>
      {declarations.length === 0 && <span className="quiet">{words('case.noDeclaration')}</span>}
      <DeclaredGoods declarations={declarations} />
      <Differences {...{ record, declarations, emptiness }} />
      <RadiationNear scanId={value.scanId} />
      <h2>{words('case.scan')}</h2>
      {record !== undefined && <ScanFacts {...{ record, emptiness }} unitId={value.unitId} />}
    </section>
  );
}

function Texts({ texts }: { readonly texts: readonly string[] }) {
  return (
    <ul>
      {texts.map((text) => (
        <li key={text}>{text}</li>
      ))}
    </ul>
  );
}

function Rank({ value: { dueAt, anomalyPercentile, declaredRisk } }: Pick<Props, 'value'>) {
  const percentile =
    anomalyPercentile === undefined ? words('case.notScored') : `${number(anomalyPercentile, 1)} %`;
  return (
    <dl>
      <FactRow name={words('case.due')} value={time(dueAt)} />
      <FactRow name={words('case.percentile')} value={percentile} />
      <FactRow name={words('case.risk')} value={declaredRisk === undefined ? undefined : `${declaredRisk}`} />
    </dl>
  );
}

interface ScanFactsProps {
  readonly record: ScanRecord;
  readonly emptiness: Emptiness | undefined;
  readonly unitId: string;
}

function ScanFacts({ record, emptiness, unitId }: ScanFactsProps) {
  const { source, acquired, completeness, warnings } = record;
  const scanner = [source.manufacturer, source.model, source.format].filter(Boolean).join(' · ');
  return (
    <>
      <dl>
        <FactRow name={words('case.scanner')} value={scanner} />
        <FactRow
          name={words('case.taken')}
          value={acquired.utc === undefined ? acquired.written : time(acquired.utc)}
        />
        <FactRow name={words('case.completeness')} value={words(`completeness.${completeness}`)} />
        <FactRow name={words('case.hold')} value={holdOf(emptiness, unitId)} />
      </dl>
      {emptiness?.basis === 'picture' && <p className="quiet">{words('case.hold.pictureAlone')}</p>}
      {warnings.length === 0 && <span className="quiet">{words('case.noWarnings')}</span>}
    </>
  );
}

import { useEffect, useState } from 'react';
import { api, bodyOf, type Case, type Declaration, type Emptiness, type ScanRecord } from '../api/client.ts';
import { FactRow } from '../shell/fact-row.tsx';
import { number, time, words } from '../words/words.ts';
import { DeclaredGoods, Differences, RadiationNear } from './goods.tsx';

/**
 * Why the case stands where it stands, in the language of the reader. What was declared is said below; what an
 * administration or a model wrote stays in its own words.
 */
function reasonsOf({ reasons, anomalyPercentile = 0, declaredRisk = 0 }: Case): readonly string[] {
  const known: Readonly<Record<string, (text: string) => string | undefined>> = {
    model: (text) => {
      const percentile = number(Math.floor(anomalyPercentile * 10) / 10);
      const isOfWhole = text.includes('whole picture');
      const said = words(isOfWhole ? 'why.model.whole' : 'why.model', { percentile });
      return `${said}${amongAlike(text)}${highestOf(text)}`;
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

/** How the score compares with loads that look alike, where the model's package knows. */
function amongAlike(text: string): string {
  const [, percentile, load] = / than ([\d.]+) % of those with (nothing|an even|a mixed)/.exec(text) ?? [];
  if (percentile === undefined || load === undefined) return '';
  const kind = ({ nothing: 'empty', 'an even': 'even', 'a mixed': 'mixed' } as const)[load];
  return kind === undefined ? '' : words(`why.model.${kind}`, { percentile: number(Number(percentile)) });
}

/** Whose percentile it is, where several models looked. */
function highestOf(text: string): string {
  const [, model, count] = / \[(\S+), highest of (\d+) models\]$/.exec(text) ?? [];
  return model === undefined || count === undefined ? '' : words('why.model.of', { model, count });
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

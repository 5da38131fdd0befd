import { type ReactNode, useCallback, useMemo } from 'react';
import { Button } from 'react-aria-components';
import { useAsked } from '../api/asked.ts';
import { time, type WordKey, words } from '../words/words.ts';
import { Plot, type Series } from './plot.tsx';
import {
  type Asking,
  askMeasure,
  askScans,
  csvAddress,
  type Measure,
  parts,
  periods,
  queryOf,
  type Row,
  type Shown,
  useShown,
} from './state.ts';

/** What the work was worth: five measures of a period, each with its plot, its table and the scans behind it. */
export default function Measures() {
  const [shown, show] = useShown();
  const { days, by, site, scanner, scans } = shown;
  const query = useMemo(
    () => queryOf({ days, by, site, scanner, scans: '' }, new Date()),
    [days, by, site, scanner],
  );
  const openScans = (address: string) => show({ scans: address });
  return (
    <main className="worth-page">
      <h1>{words('measures.title')}</h1>
      <Choices shown={shown} show={show} />
      {scans !== '' && <Scans address={scans} onClose={() => show({ scans: '' })} />}
      {panels.map((panel) => (
        <Panel key={panel.measure} {...panel} query={query} onOpen={openScans} />
      ))}
    </main>
  );
}

interface ChoicesProps {
  readonly shown: Shown;
  readonly show: (next: Partial<Shown>) => void;
}

function Choices({ shown, show }: ChoicesProps) {
  return (
    <form className="choices" onSubmit={(event) => event.preventDefault()}>
      <label>
        {words('measures.period')}{' '}
        <select
          className="button"
          value={shown.days}
          onChange={({ target }) => show({ days: Number(target.value), scans: '' })}
        >
          {periods.map((days) => (
            <option key={days} value={days}>
              {words('measures.days', { count: days })}
            </option>
          ))}
        </select>
      </label>
      <label>
        {words('measures.by')}{' '}
        <select
          className="button"
          value={shown.by}
          onChange={({ target }) => show({ by: parts.find((one) => one === target.value) ?? 'day' })}
        >
          {parts.map((part) => (
            <option key={part} value={part}>
              {words(`measures.by.${part}`)}
            </option>
          ))}
        </select>
      </label>
      <Filter label="measures.site" value={shown.site} onChange={(site) => show({ site, scans: '' })} />
      <Filter
        label="case.scanner"
        value={shown.scanner}
        onChange={(scanner) => show({ scanner, scans: '' })}
      />
    </form>
  );
}

interface FilterProps {
  readonly label: WordKey;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** Asked when it is left or sent: each letter would ask for figures anew. */
function Filter({ label, value, onChange }: FilterProps) {
  return (
    <label>
      {words(label)}{' '}
      <input
        className="button"
        key={value}
        defaultValue={value}
        onBlur={({ target }) => target.value !== value && onChange(target.value)}
        onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
      />
    </label>
  );
}

interface PanelOf {
  readonly measure: Measure;
  /** Figures over time, and in which colour. */
  readonly plotted: readonly (readonly [string, Series['colour']])[];
}

const panels: readonly PanelOf[] = [
  {
    measure: 'throughput',
    plotted: [
      ['scans', 'accent'],
      ['decisions', 'good'],
    ],
  },
  {
    measure: 'times',
    plotted: [
      ['decided.p50', 'accent'],
      ['decided.p95', 'warn'],
    ],
  },
  {
    measure: 'rates',
    plotted: [
      ['alarm-rate', 'accent'],
      ['suspect-rate', 'warn'],
      ['hit-rate', 'good'],
    ],
  },
  { measure: 'agreement', plotted: [] },
  { measure: 'past-due', plotted: [['late-rate', 'bad']] },
];

interface PanelProps extends PanelOf {
  readonly query: Asking;
  readonly onOpen: (address: string) => void;
}

function Panel({ measure, plotted, query, onOpen }: PanelProps) {
  const ask = useCallback(() => askMeasure(measure, query), [measure, query]);
  const { value, trouble } = useAsked(ask);
  const title = words(`measures.${measure}`);
  return (
    <section aria-label={title} aria-busy={value === undefined && trouble === undefined}>
      <header>
        <h2>{title}</h2>
        <a className="button" href={csvAddress(measure, query)} download={`${measure}.csv`}>
          {words('measures.csv', { measure: title })}
        </a>
      </header>
      {trouble !== undefined && <p className="notice bad">{trouble}</p>}
      <p className="quiet">{words(`measures.about.${measure}`, { threshold: value?.threshold ?? '…' })}</p>
      {value?.isEmpty === true && <p>{words('measures.empty')}</p>}
      {value !== undefined && !value.isEmpty && (
        <div className="worth">
          {measure === 'agreement' ? (
            <Agreement rows={value.rows} onOpen={onOpen} />
          ) : (
            <Figures rows={value.rows.filter(({ part }) => part !== 'time')} onOpen={onOpen} />
          )}
          {plotted.length > 0 && <OverTime title={title} rows={value.rows} plotted={plotted} />}
        </div>
      )}
    </section>
  );
}

const nameOf = (figure: string): string => {
  const [, step, percentile] = /^([a-z]+)\.p([0-9]+)$/.exec(figure) ?? [];
  if (step === undefined || percentile === undefined) return words(`figure.${figure}` as WordKey);
  return words('figure.step', { step: words(`step.${step}` as WordKey), percentile });
};

const formats: Readonly<Record<Row['unit'], (value: number) => string>> = {
  'per hour': (value) => value.toFixed(1),
  seconds: (value) =>
    value < 120
      ? `${value.toFixed(0)} s`
      : value < 7200
        ? `${(value / 60).toFixed(0)} min`
        : `${(value / 3600).toFixed(1)} h`,
  share: (value) => `${(value * 100).toFixed(1)} %`,
  kappa: (value) => value.toFixed(2),
  cases: (value) => String(value),
};

/** Unknown is never nought. */
function textOf({ value, low, high, unit }: Row): string {
  if (value === null) return words('measures.unknown');
  const text = formats[unit](value);
  return low === undefined || high === undefined
    ? text
    : words('measures.interval', { value: text, low: formats[unit](low), high: formats[unit](high) });
}

interface FiguresProps {
  readonly rows: readonly Row[];
  readonly onOpen: (address: string) => void;
}

/** Each figure opens the scans behind it. */
function Figures({ rows, onOpen }: FiguresProps) {
  return (
    <table className="figures">
      <thead>
        <tr>
          <th scope="col">{words('measures.figure')}</th>
          <th scope="col">{words('measures.value')}</th>
          <th scope="col">{words('measures.counted')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={`${row.part} ${row.site} ${row.scanner} ${row.figure}`}>
            <th scope="row">
              {nameOf(row.figure)}
              {row.part === 'scanner' && (
                <span className="quiet">
                  {' '}
                  {row.site}, {row.scanner ?? words('measures.noScanner')}
                </span>
              )}
            </th>
            <td>{textOf(row)}</td>
            <td>
              <Opens row={row} onOpen={onOpen} />
              {row.of === undefined ? '' : ` / ${row.of}`}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Opens({
  row: { count, scansHref },
  onOpen,
}: { readonly row: Row } & Pick<FiguresProps, 'onOpen'>): ReactNode {
  if (scansHref === undefined || count === 0) return count;
  return (
    <Button className="opens" onPress={() => onOpen(scansHref)}>
      {count}
      <span className="hidden"> {words('measures.open')}</span>
    </Button>
  );
}

const judges = ['model', 'first-reader', 'second-reader', 'outcome'] as const;
const cells = ['yes-yes', 'yes-no', 'no-yes', 'no-no'] as const;

function Agreement({ rows, onOpen }: FiguresProps) {
  const row = (name: string) => rows.find(({ figure }) => figure === name);
  const pairs = judges.flatMap((one, i) => judges.slice(i + 1).map((other) => [one, other] as const));
  return (
    <table className="figures">
      <thead>
        <tr>
          <th scope="col">{words('agreement.pair')}</th>
          {cells.map((cell) => (
            <th key={cell} scope="col">
              {words(`agreement.${cell}`)}
            </th>
          ))}
          <th scope="col">{words('agreement.share')}</th>
          <th scope="col">{words('agreement.kappa')}</th>
        </tr>
      </thead>
      <tbody>
        {pairs.map(([one, other]) => {
          const [share, kappa] = [row(`${one}+${other}.agreement`), row(`${one}+${other}.kappa`)];
          return (
            <tr key={`${one} ${other}`}>
              <th scope="row">
                {words('agreement.of', { one: words(`judge.${one}`), other: words(`judge.${other}`) })}
              </th>
              {cells.map((cell) => {
                const counted = row(`${one}+${other}.${cell}`);
                return <td key={cell}>{counted && <Opens row={counted} onOpen={onOpen} />}</td>;
              })}
              <td>{share && textOf(share)}</td>
              <td>{kappa && textOf(kappa)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

interface OverTimeProps {
  readonly title: string;
  readonly rows: readonly Row[];
  readonly plotted: PanelOf['plotted'];
}

/** The plot, and the same as a table for those who do not see it. */
function OverTime({ title, rows, plotted }: OverTimeProps) {
  const starts = useMemo(
    () =>
      [...new Set(rows.filter(({ part }) => part === 'time').map(({ from }) => from))].toSorted((a, b) =>
        a < b ? -1 : 1,
      ),
    [rows],
  );
  const times = useMemo(() => starts.map((from) => Date.parse(from) / 1000), [starts]);
  const found = useMemo(
    () => new Map(rows.map((row) => [`${row.part} ${row.from} ${row.figure}`, row])),
    [rows],
  );
  const series = useMemo(
    () =>
      plotted.map(
        ([figure, colour], i): Series => ({
          label: nameOf(figure),
          colour,
          ...(i === 0 ? {} : { dash: [6, 3 * i] }),
          values: starts.map((from) => found.get(`time ${from} ${figure}`)?.value ?? null),
        }),
      ),
    [found, plotted, starts],
  );
  const unit = rows.find(({ figure }) => figure === plotted[0]?.[0])?.unit ?? 'cases';
  return (
    <div>
      <Plot
        label={words('measures.plot', { measure: title })}
        times={times}
        series={series}
        format={formats[unit]}
      />
      <details>
        <summary>{words('measures.asTable')}</summary>
        <table className="figures">
          <thead>
            <tr>
              <th scope="col">{words('measures.from')}</th>
              {plotted.map(([figure]) => (
                <th key={figure} scope="col">
                  {nameOf(figure)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {starts.map((from) => (
              <tr key={from}>
                <th scope="row">{time(from)}</th>
                {plotted.map(([figure]) => {
                  const row = found.get(`time ${from} ${figure}`);
                  return <td key={figure}>{row === undefined ? '–' : textOf(row)}</td>;
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </div>
  );
}

interface ScansProps {
  readonly address: string;
  readonly onClose: () => void;
}

/** The first scans of a figure; all of them are behind its address. */
function Scans({ address, onClose }: ScansProps) {
  const ask = useCallback(() => askScans(address), [address]);
  const { value, trouble } = useAsked(ask);
  return (
    <section aria-label={words('measures.scans')} className="counted">
      <header>
        <h2>{words('measures.scans')}</h2>
        <Button className="button" onPress={onClose}>
          {words('keys.close')}
        </Button>
      </header>
      {trouble !== undefined && <p className="notice bad">{trouble}</p>}
      <table className="figures">
        <thead>
          <tr>
            <th scope="col">{words('case.scan')}</th>
            <th scope="col">{words('measures.site')}</th>
            <th scope="col">{words('case.scanner')}</th>
            <th scope="col">{words('measures.from')}</th>
          </tr>
        </thead>
        <tbody>
          {value?.items.map(({ scanId, caseId, site, scanner, at }) => (
            <tr key={`${caseId ?? scanId} ${at}`}>
              <th scope="row">{scanId}</th>
              <td>{site}</td>
              <td>{scanner ?? words('measures.noScanner')}</td>
              <td>{time(at)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {value?.next !== undefined && <p className="quiet">{words('measures.more')}</p>}
    </section>
  );
}

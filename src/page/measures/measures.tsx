import { type ComponentType, useCallback, useMemo } from 'react';
import type { Measure } from '../../core/measures/figures.ts';
import type { Session } from '../api/client.ts';
import { useQuery } from '../api/query.ts';
import { ProblemNotice } from '../shell/problem.tsx';
import { words } from '../words/words.ts';
import { Agreement, AgreementPlot } from './agreement.tsx';
import { ByPlace } from './by-place.tsx';
import { Figures, type FiguresProps } from './figures.tsx';
import { Filters } from './filters.tsx';
import { OverTime, type Plotted } from './over-time.tsx';
import { PersonFigures } from './persons.tsx';
import { Scans } from './scans.tsx';
import { askMeasure, csvAddress, type MeasureQuery, queryOf, useMeasuresView } from './state.ts';
import { Times } from './times.tsx';

/** Performance: five measures of a period, each with its plot, its table and its scans. */
export default function Measures({ roles }: Pick<Session, 'roles'>) {
  const [shown, show] = useMeasuresView();
  const { days, by, site, scanner, scans } = shown;
  const query = useMemo(
    () => queryOf({ days, by, site, scanner, scans: '' }, new Date()),
    [days, by, site, scanner],
  );
  const openScans = (address: string) => show({ scans: address });
  return (
    <main className="worth-page">
      <h1>{words('measures.title')}</h1>
      <Filters shown={shown} show={show} />
      {scans !== '' && <Scans address={scans} onClose={() => show({ scans: '' })} />}
      {panels.map((panel) => (
        <Panel key={panel.measure} {...panel} query={query} onOpen={openScans} />
      ))}
      <PersonFigures query={query} roles={roles} />
    </main>
  );
}

interface PanelOf {
  readonly measure: Measure;
  /** None: it is not of time. */
  readonly plotted: Plotted;
  readonly Table: ComponentType<FiguresProps>;
}

const panels: readonly PanelOf[] = [
  {
    measure: 'throughput',
    Table: ByPlace,
    plotted: [
      ['scans', 'accent'],
      ['decisions', 'good'],
    ],
  },
  {
    measure: 'times',
    Table: Times,
    plotted: [
      ['decided.p50', 'accent'],
      ['decided.p95', 'warn'],
    ],
  },
  {
    measure: 'rates',
    Table: Figures,
    plotted: [
      ['alarm-rate', 'accent'],
      ['suspect-rate', 'warn'],
      ['hit-rate', 'good'],
    ],
  },
  { measure: 'agreement', Table: Agreement, plotted: [] },
  { measure: 'past-due', Table: ByPlace, plotted: [['late-rate', 'bad']] },
];

interface PanelProps extends PanelOf {
  readonly query: MeasureQuery;
  readonly onOpen: (address: string) => void;
}

function Panel({ measure, plotted, Table, query, onOpen }: PanelProps) {
  const ask = useCallback(() => askMeasure(measure, query), [measure, query]);
  const { value, problem } = useQuery(ask);
  const title = words(`measures.${measure}`);
  return (
    <section aria-label={title} aria-busy={value === undefined && problem === undefined}>
      <header>
        <h2>{title}</h2>
        <a className="button" href={csvAddress(measure, query)} download={`${measure}.csv`}>
          {words('measures.csv', { measure: title })}
        </a>
      </header>
      {problem !== undefined && <ProblemNotice message={problem} isQuiet />}
      <p className="quiet">{words(`measures.about.${measure}`, { threshold: value?.threshold ?? '' })}</p>
      {value?.isEmpty === true && <p>{words('measures.empty')}</p>}
      {value !== undefined && !value.isEmpty && (
        <div className="worth">
          <div className="wide">
            <Table rows={value.rows} onOpen={onOpen} />
          </div>
          {plotted.length === 0 ? (
            <AgreementPlot title={title} rows={value.rows} />
          ) : (
            <OverTime title={title} rows={value.rows} plotted={plotted} />
          )}
        </div>
      )}
    </section>
  );
}

import { useMemo } from 'react';
import { defined } from '../../core/defined.ts';
import { words } from '../words/words.ts';
import { formats, nameOf, textOf, timeText } from './figures.tsx';
import { Plot, type Series } from './plot.tsx';
import type { Row } from './state.ts';

/** A figure over time, and in which colour. */
export type Plotted = readonly (readonly [figure: string, colour: Series['colour']])[];

interface OverTimeProps {
  readonly title: string;
  readonly rows: readonly Row[];
  readonly plotted: Plotted;
}

const dayText = (seconds: number) => timeText(seconds * 1000, { day: 'numeric', month: 'short' });
const hourText = (seconds: number) =>
  timeText(seconds * 1000, { day: 'numeric', month: 'short', hour: '2-digit', hourCycle: 'h23' });

/** The plot, and the same as a table for those who do not see it. */
export function OverTime({ title, rows, plotted }: OverTimeProps) {
  const { starts, times, series, rowAt } = useSeries(rows, plotted);
  const unit = rows.find(({ figure }) => figure === plotted[0]?.[0])?.unit ?? 'cases';
  const isByHour = times.length > 1 && (times[1] ?? 0) - (times[0] ?? 0) <= 3600;
  return (
    <div>
      <Plot
        label={words('measures.plot', { measure: title })}
        times={times}
        series={series}
        format={formats[unit]}
        timeFormat={isByHour ? hourText : dayText}
      />
      <details>
        <summary>{words('measures.asTable')}</summary>
        <SeriesTable {...{ starts, plotted, rowAt }} />
      </details>
    </div>
  );
}

type RowAt = (from: string, figure: string) => Row | undefined;

function useSeries(rows: readonly Row[], plotted: Plotted) {
  const starts = useMemo(() => {
    const all = new Set(rows.filter(({ part }) => part === 'time').map(({ from }) => from));
    return [...all].toSorted((a, b) => (a < b ? -1 : 1));
  }, [rows]);
  const times = useMemo(() => starts.map((from) => Date.parse(from) / 1000), [starts]);
  const rowAt: RowAt = useMemo(() => {
    const found = new Map(rows.map((row) => [`${row.part} ${row.from} ${row.figure}`, row]));
    return (from, figure) => found.get(`time ${from} ${figure}`);
  }, [rows]);
  const series = useMemo(
    () =>
      plotted.map(
        ([figure, colour], i): Series => ({
          label: nameOf(figure),
          colour,
          ...defined({ dash: i === 0 ? undefined : [6, 3 * i] }),
          values: starts.map((from) => rowAt(from, figure)?.value ?? null),
        }),
      ),
    [rowAt, plotted, starts],
  );
  return { starts, times, series, rowAt };
}

interface SeriesTableProps {
  readonly starts: readonly string[];
  readonly plotted: Plotted;
  readonly rowAt: RowAt;
}

function SeriesTable({ starts, plotted, rowAt }: SeriesTableProps) {
  return (
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
            <th scope="row">{timeText(from)}</th>
            {plotted.map(([figure]) => {
              const row = rowAt(from, figure);
              return <td key={figure}>{row === undefined ? '–' : textOf(row)}</td>;
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

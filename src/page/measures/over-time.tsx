import { useMemo } from 'react';
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

import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { defined } from '../../core/defined.ts';
import { words } from '../words/words.ts';
import 'uplot/dist/uPlot.min.css';

export interface Series {
  readonly label: string;
  readonly values: readonly (number | null)[];
  /** Name of a colour of the theme. */
  readonly colour: 'accent' | 'good' | 'warn' | 'bad';
  readonly dash?: readonly number[];
}

interface Props {
  readonly label: string;
  /** Seconds since 1970, rising. */
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly format: (value: number) => string;
  /** Of a time in seconds. */
  readonly timeFormat: (seconds: number) => string;
}

const HEIGHT = 180;
const colourOf = (name: string) =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** A plot over time; its table beside it says the same to those who do not see it. */
export function Plot({ label, times, series, format, timeFormat }: Props) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { current } = place;
    if (current === null) return undefined;
    let plot: uPlot | undefined;
    const draw = () => {
      plot?.destroy();
      plot = new uPlot(
        optionsOf(current.clientWidth, series, format, timeFormat),
        dataOf(times, series),
        current,
      );
    };
    draw();
    const sized = new ResizeObserver(() => plot?.setSize({ width: current.clientWidth, height: HEIGHT }));
    sized.observe(current);
    // colours are read when it is drawn
    const themed = new MutationObserver(draw);
    themed.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => {
      sized.disconnect();
      themed.disconnect();
      plot?.destroy();
    };
  }, [times, series, format, timeFormat]);
  return <div className="plot" role="img" aria-label={label} ref={place} />;
}

function dataOf(times: readonly number[], series: readonly Series[]): uPlot.AlignedData {
  return [[...times], ...series.map(({ values }) => [...values])];
}

function optionsOf(
  width: number,
  series: readonly Series[],
  format: Props['format'],
  timeFormat: Props['timeFormat'],
): uPlot.Options {
  const axis = {
    stroke: colourOf('quiet'),
    grid: { stroke: colourOf('line'), width: 1 },
    ticks: { show: false },
  };
  return {
    width,
    height: HEIGHT,
    cursor: { drag: { x: false, y: false } },
    scales: { y: { range: (_plot, low, high) => [Math.min(0, low), high > 0 ? high * 1.05 : 1] } },
    axes: [
      { ...axis, values: (_plot, marks) => marks.map(timeFormat) },
      { ...axis, size: 64, values: (_plot, marks) => marks.map(format) },
    ],
    series: [
      {
        label: words('measures.from'),
        value: (_plot: uPlot, at: number | null) => (at === null ? '–' : timeFormat(at)),
      },
      ...series.map(({ label, colour, dash }) => ({
        label,
        stroke: colourOf(colour),
        width: 2,
        points: { size: 5 },
        ...defined({ dash: dash && [...dash] }),
        value: (_plot: uPlot, value: number | null) => (value === null ? '–' : format(value)),
      })),
    ],
  };
}

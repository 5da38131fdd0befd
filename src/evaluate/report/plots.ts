/** Plots as SVG that stands inside a page: no script, no style of their own but classes. */

/** The rules of these classes. */
export const plotStyle = `svg text { font-size: 12px; fill: #52606f } svg text.hidden { display: none }
svg .grid, svg .axis { stroke: #e0e5ec } svg .curve { fill: none; stroke: #1f6feb; stroke-width: 2 }
svg .dot { fill: #1f6feb } svg .bar { stroke: #16202c; stroke-width: 1.5 } svg .fill { fill: #9cc2f5 } svg .back { fill: #eef2f7 }
svg .even { stroke: #c98a00; stroke-width: 1.5; stroke-dasharray: 5 4 }`;

/** A plot as a file of its own. */
export function plotFile(plot: string): string {
  const begin = `<style>svg { font-family: system-ui, sans-serif }\n${plotStyle}</style><rect width="100%" height="100%" fill="#fff"/>`;
  return `${plot.replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" ').replace('>', `>${begin}`)}\n`;
}

/** Text inside of HTML and SVG. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

const WIDTH = 640;
const HEIGHT = 300;
const LEFT = 52;
const BOTTOM = 44;
const TOP = 12;
const RIGHT = 16;

interface Point {
  readonly x: number;
  readonly y: number;
}

export interface CurveOptions {
  /** Read aloud in place of the plot. */
  readonly label: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly xTo: number;
  readonly xTicks: readonly number[];
  /** With vertical bars from low to high. */
  readonly marked: readonly (Point & { readonly low?: number; readonly high?: number })[];
}

/** A rising curve, y from 0 to 1, drawn in steps; what lies beyond `xTo` is left out. */
export function stepCurve(points: readonly Point[], options: CurveOptions): string {
  const { xTo } = options;
  const x = (value: number) => LEFT + (Math.min(value, xTo) / xTo) * (WIDTH - LEFT - RIGHT);
  const shown = points.filter((point) => point.x <= xTo);
  let last = 0;
  const path = [`M ${px(x(0))} ${px(yOf(0))}`];
  for (const point of shown) {
    path.push(`L ${px(x(point.x))} ${px(yOf(last))} L ${px(x(point.x))} ${px(yOf(point.y))}`);
    last = point.y;
  }
  path.push(`L ${px(x(xTo))} ${px(yOf(last))}`);
  const bars = options.marked.map(({ x: at, y, low, high }) => {
    const bar =
      low === undefined || high === undefined
        ? ''
        : `<line class="bar" x1="${px(x(at))}" x2="${px(x(at))}" y1="${px(yOf(low))}" y2="${px(yOf(high))}"/>`;
    return `${bar}<circle class="dot" cx="${px(x(at))}" cy="${px(yOf(y))}" r="4"/>`;
  });
  const ticks = options.xTicks.map((value) => tick(x(value), String(value)));
  return framed(options.label, [
    ...axes(options.xLabel, options.yLabel),
    ...ticks,
    `<path class="curve" d="${path.join(' ')}"/>`,
    ...bars,
  ]);
}

/** Bars from counts; the line is what even counts would be. */
export function histogram(counts: readonly number[], label: string, xLabel: string): string {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const even = total / counts.length;
  const most = Math.max(even, ...counts) * 1.1;
  const wide = (WIDTH - LEFT - RIGHT) / counts.length;
  const bars = counts.map((count, i) => {
    const top = yOf(count / most);
    return `<rect class="fill" x="${px(LEFT + i * wide + 2)}" y="${px(top)}" width="${px(wide - 4)}" height="${px(yOf(0) - top)}"/>`;
  });
  const ticks = counts.map((_, i) => tick(LEFT + i * wide, String(i * 10)));
  const line = `<line class="even" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${px(yOf(even / most))}" y2="${px(yOf(even / most))}"/>`;
  return framed(label, [
    `<line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${yOf(0)}" y2="${yOf(0)}"/>`,
    ...bars,
    ...ticks,
    line,
    `<text x="${(LEFT + WIDTH) / 2}" y="${HEIGHT - 6}" text-anchor="middle">${escaped(xLabel)}</text>`,
  ]);
}

/** A short bar from 0.5 to 1 with its interval, for a row of a table. */
export function rowBar(value: number, interval?: readonly [number, number]): string {
  const x = (at: number) => px(Math.max(0, (at - 0.5) * 2) * 120);
  const line =
    interval === undefined
      ? ''
      : `<line class="bar" x1="${x(interval[0])}" x2="${x(interval[1])}" y1="7" y2="7"/>`;
  return `<svg class="row" viewBox="0 0 124 14" width="124" height="14" aria-hidden="true"><rect class="back" width="120" height="14"/><rect class="fill" width="${x(value)}" height="14"/>${line}</svg>`;
}

function yOf(share: number): number {
  return TOP + (1 - share) * (HEIGHT - TOP - BOTTOM);
}

function axes(xLabel: string, yLabel: string): readonly string[] {
  const lines = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${px(yOf(share))}" y2="${px(yOf(share))}"/>` +
      `<text x="${LEFT - 8}" y="${px(yOf(share) + 4)}" text-anchor="end">${share * 100} %</text>`,
  );
  return [
    ...lines,
    `<text x="${(LEFT + WIDTH) / 2}" y="${HEIGHT - 6}" text-anchor="middle">${escaped(xLabel)}</text>`,
    `<text class="hidden">${escaped(yLabel)}</text>`,
  ];
}

function tick(x: number, text: string): string {
  return `<text x="${px(x)}" y="${yOf(0) + 16}" text-anchor="middle">${escaped(text)}</text>`;
}

function framed(label: string, parts: readonly string[]): string {
  return `<svg class="plot" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(label)}">${parts.join('')}</svg>`;
}

function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** One measured question, over one number of scans. */
interface Point {
  readonly scans: number;
  /** Milliseconds; medians. */
  readonly ms: number;
}

interface Line {
  readonly name: string;
  readonly points: readonly Point[];
}

/** Questions of one kind; each has a colour, and the slowest of it a name. */
export interface Group {
  readonly name: string;
  readonly lines: readonly Line[];
}

const PLOT_WIDTH = 418;
const HEIGHT = 400;
const LEFT = 72;
const LABELS = LEFT + PLOT_WIDTH + 8;
const TOP = 56;
const BOTTOM = 44;
const LABEL_GAP = 17;
/** Of a letter of a label, at most: fonts of the system differ. */
const LETTER = 7.8;
const LEAST_MS = 0.1;
const MOST_MS = 1000;

const colours = [
  ['#0b62c4', '#6cb2ff'],
  ['#b3400a', '#ff9a5c'],
  ['#0a7a52', '#4ecf9e'],
  ['#7a3fb0', '#c79bf2'],
  ['#8a6d00', '#e0bd3c'],
] as const;

/** A chart of growth: milliseconds over scans, both in powers of ten, legible on light and dark pages. */
export function growthChart(title: string, groups: readonly Group[]): string {
  const sizes = [
    ...new Set(
      groups.flatMap(({ lines }) => lines.flatMap(({ points }) => points.map(({ scans }) => scans))),
    ),
  ];
  const x = (scans: number) => {
    const [first = 1, last = 1] = [Math.min(...sizes), Math.max(...sizes)].map(Math.log10);
    return LEFT + ((Math.log10(scans) - first) / (last - first || 1)) * PLOT_WIDTH;
  };
  const y = (ms: number) => {
    const share = Math.log10(Math.max(ms, LEAST_MS) / LEAST_MS) / Math.log10(MOST_MS / LEAST_MS);
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
  };
  const grid = [0.1, 1, 10, 100, 1000].map(
    (ms) => `<path class="grid" d="M${LEFT} ${r(y(ms))}H${LEFT + PLOT_WIDTH}"/>
<text x="${LEFT - 8}" y="${r(y(ms) + 4)}" text-anchor="end">${ms} ms</text>`,
  );
  const ticks = sizes.map(
    (scans) =>
      `<text x="${r(x(scans))}" y="${HEIGHT - BOTTOM + 20}" text-anchor="middle">${scans.toLocaleString('en')}</text>`,
  );
  const drawn = groups.map(({ lines }, at) => {
    const slowest = slowestOf(lines);
    return lines.map(({ points, name }) => {
      const path = points
        .map(({ scans, ms }, i) => `${i === 0 ? 'M' : 'L'}${r(x(scans))} ${r(y(ms))}`)
        .join('');
      return `<path class="c${at}${name === slowest?.name ? '' : ' thin'}" d="${path}"><title>${xmlText(name)}</title></path>`;
    });
  });
  const labels = labelsOf(groups, y);
  const width = Math.ceil(LABELS + Math.max(0, ...labels.map(({ text }) => text.length)) * LETTER);
  const written = labels.map(
    ({ at, text, y: height }) =>
      `<text class="c${at}" x="${LABELS}" y="${r(height)}">${xmlText(text)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${HEIGHT}" role="img" aria-label="${xmlText(title)}">
<style>
svg { background: #ffffff; font: 13px system-ui, sans-serif; }
text { fill: #1d2633; } .title { font-size: 15px; font-weight: 600; }
path { fill: none; stroke-width: 2.5; } .thin { stroke-width: 1; opacity: 0.45; } .grid { stroke: #d5dbe3; stroke-width: 1; }
${colours.map(([light], at) => `.c${at} { stroke: ${light}; } text.c${at} { fill: ${light}; stroke: none; }`).join('\n')}
@media (prefers-color-scheme: dark) {
svg { background: #10151c; } text { fill: #e8edf3; } .grid { stroke: #313a46; }
${colours.map(([, dark], at) => `.c${at} { stroke: ${dark}; } text.c${at} { fill: ${dark}; stroke: none; }`).join('\n')}
}
</style>
<text class="title" x="${LEFT}" y="24">${xmlText(title)}</text>
${[...grid, ...ticks, ...drawn.flat(), ...written].join('\n')}
<text x="${LEFT + PLOT_WIDTH / 2}" y="${HEIGHT - 6}" text-anchor="middle">scans in the database</text>
</svg>
`;
}

interface Label {
  readonly at: number;
  readonly text: string;
  readonly y: number;
}

/** At the end of the slowest line of each group, one below the other. */
function labelsOf(groups: readonly Group[], y: (ms: number) => number): readonly Label[] {
  const wanted = groups
    .map(({ name, lines }, at) => {
      const slowest = slowestOf(lines);
      const text = slowest?.name.startsWith(name) ? slowest.name : `${name}: ${slowest?.name ?? ''}`;
      return { at, text, y: y(slowest?.points.at(-1)?.ms ?? LEAST_MS) + 4 };
    })
    .filter(({ at }) => groups[at]?.lines.length !== 0)
    .toSorted((one, other) => one.y - other.y);
  let last = Number.NEGATIVE_INFINITY;
  return wanted.map((label) => {
    last = Math.max(label.y, last + LABEL_GAP);
    return { ...label, y: last };
  });
}

function slowestOf(lines: readonly Line[]): Line | undefined {
  const end = ({ points }: Line) => points.at(-1)?.ms ?? 0;
  return lines.toSorted((a, b) => end(b) - end(a))[0];
}

const r = (value: number) => Math.round(value * 10) / 10;
const xmlText = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

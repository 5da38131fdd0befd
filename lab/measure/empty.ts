/**
 * `npm run measure -- empty [--count 200] [--set report] [--loads 10] [--only TEXT] [--out FOLDER] [--json]`: how often the check
 * without a model calls an empty container empty, and one with a single thing in it loaded. Containers of 20 and 40 feet
 * are simulated at four pitches, with the scanners of the simulator and poorer ones, each as a dual-energy scan (9 and
 * 6 MV), as one of a single energy (6 MV), and as a JPEG alone, drawn by four curves in turns.
 *
 * There is a line for nothing, one for each thing, and one for full loads of all goods of the simulator (`--loads` of
 * each); `--only nothing` leaves the others out. Each share has its 95 % Wilson interval. The time is that of the check in this process.
 *
 * `--set fixing` takes the seeds on which the limits were fixed; `report`, the usual one, others. `--out` gets empty.svg,
 * the excess of every hold, and excess.json. Ctrl-C ends the measuring, and the figures are those of the scans so far.
 * The figures are in docs/decisions/0053-empty-check.md.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sharp } from '../../src/codec/raster/libvips.ts';
import type { UnitEmptiness } from '../../src/core/case/emptiness.ts';
import { type ScanWithSources, wholePlane } from '../../src/core/scan/plane-source.ts';
import { planeKey } from '../../src/core/scan/scan.ts';
import { escaped, plotFile } from '../../src/evaluate/report/plots.ts';
import { type Rate, rateOf } from '../../src/evaluate/statistics/rates.ts';
import {
  asPictureAlone,
  asSingleEnergy,
  type HoldSet,
  simulateHold,
  type ThingKind,
  thingKinds,
  things,
} from '../../src/evaluate/subjects/almost-empty.ts';
import { seedRanges } from '../../src/evaluate/subjects/seeds.ts';
import { renderChannel } from '../../src/format/preview.ts';
import { emptinessSteps } from '../../src/infer/empty/emptiness.ts';
import { atOnce } from '../../src/infer/turns.ts';
import { cargoKinds } from '../../src/simulate/cargo/index.ts';
import { recordOf } from '../../src/simulate/record.ts';
import { simulateChannels } from '../../src/simulate/scan.ts';
import { oneOf, optionsOf, wholeNumber } from './options.ts';

const values = optionsOf(import.meta.url, {
  count: { type: 'string', default: '200' },
  loads: { type: 'string', default: '10' },
  set: { type: 'string', default: 'report' },
  only: { type: 'string', default: '' },
  out: { type: 'string' },
  json: { type: 'boolean', default: false },
});
const PROGRESS_EVERY_MS = 15_000;
const MOST = 100_000;
const PREVIEW_SIDE = 1600;
const kinds = ['dual', 'single', 'picture'] as const;
type Kind = (typeof kinds)[number];
const curves = ['logarithm', 'linear', 'root', 'negative'] as const;

interface Seen {
  readonly what: string;
  readonly kind: Kind;
  readonly looks: UnitEmptiness['looks'];
  readonly doubt?: string;
  readonly excess: number;
  readonly ms: number;
}

/** The greys of a curve from those of ours, which is a logarithm; quality of the JPEG 75 to 95. */
async function pictureOf(source: ScanWithSources, index: number): Promise<ScanWithSources> {
  const [view] = source.scan.views;
  const channel = view?.channels.find(({ energy }) => energy === 'high');
  const plane = view && channel && source.planes.get(planeKey(view.id, channel.id));
  if (view === undefined || channel === undefined || plane === undefined) throw new Error('no channel');
  const curve = curves[index % curves.length] ?? 'logarithm';
  const drawn =
    curve === 'logarithm' || curve === 'negative'
      ? renderChannel(view, channel, plane, PREVIEW_SIDE)
      : linearPicture(channel.rows, channel.columns, channel.openBeam ?? 1, wholePlane(plane), curve);
  const bytes = curve === 'negative' ? drawn.bytes.map((grey) => 255 - grey) : drawn.bytes;
  const raw = { width: drawn.columns, height: drawn.rows, channels: 1 as const };
  const jpeg = await sharp(bytes, { raw })
    .jpeg({ quality: 75 + (index % 5) * 5 })
    .toBuffer();
  const { data, info } = await sharp(jpeg).toColourspace('b-w').raw().toBuffer({ resolveWithObject: true });
  return asPictureAlone(source, { rows: info.height, columns: info.width, bytes: new Uint8Array(data) });
}

function linearPicture(
  rows: number,
  columns: number,
  openBeam: number,
  plane: Uint8Array,
  curve: 'linear' | 'root',
) {
  const samples = new Uint16Array(plane.buffer, plane.byteOffset, rows * columns);
  const bytes = Uint8Array.from(samples, (sample) => {
    const share = Math.min(1, sample / openBeam);
    return Math.round(255 * (curve === 'root' ? Math.sqrt(share) : share));
  });
  return { rows, columns, bytes };
}

function check(what: string, kind: Kind, source: ScanWithSources): Seen {
  const started = performance.now();
  const emptiness = atOnce(emptinessSteps(source));
  const ms = performance.now() - started;
  const [unit] = emptiness?.units ?? [];
  if (unit === undefined) throw new Error('no unit');
  const { looks, doubt, largest } = unit;
  return { what, kind, looks, excess: largest?.excess ?? 0, ms, ...(doubt === undefined ? {} : { doubt }) };
}

async function checkAll(what: string, source: ScanWithSources, index: number): Promise<readonly Seen[]> {
  return [
    check(what, 'dual', source),
    check(what, 'single', asSingleEnergy(source)),
    check(what, 'picture', await pictureOf(source, index)),
  ];
}

const NOTHING = 'nothing';
const LOADS = 'full loads';

interface Task {
  readonly what: string;
  readonly index: number;
  readonly make: () => ScanWithSources;
}

function tasksOf(set: HoldSet, count: number, loads: number): readonly Task[] {
  const holds = Array.from({ length: count }, (_, index) =>
    [undefined, ...thingKinds].map((thing, i) => ({
      what: thing ?? NOTHING,
      index,
      // others for each thing
      make: () => simulateHold(set, index + i * MOST, thing),
    })),
  ).flat();
  const { from } = set === 'fixing' ? seedRanges.holdFixing : seedRanges.holdReport;
  const full = cargoKinds.filter((kind) => kind !== 'empty');
  const loaded = Array.from({ length: loads }, (_, i) =>
    full.map((cargo, j) => ({
      what: LOADS,
      index: i,
      make: () =>
        recordOf(simulateChannels({ seed: from + 5_000_000 + i * full.length + j, pitchMm: 11, cargo })),
    })),
  ).flat();
  return [...loaded, ...holds].filter(({ what }) => what.includes(values.only));
}

async function seeAll(tasks: readonly Task[]): Promise<readonly Seen[]> {
  const seen: Seen[] = [];
  let isEnding = false;
  const end = () => {
    isEnding = true;
  };
  process.on('SIGINT', end).on('SIGTERM', end);
  const began = Date.now();
  let told = began;
  for (const [i, { what, index, make }] of tasks.entries()) {
    if (isEnding) break;
    seen.push(...(await checkAll(what, make(), index)));
    // lets Ctrl-C through
    await new Promise((resolve) => setImmediate(resolve));
    if (Date.now() - told < PROGRESS_EVERY_MS) continue;
    told = Date.now();
    const seconds = Math.round(((told - began) / (i + 1) / 1000) * (tasks.length - i - 1));
    console.error(`${i + 1} of ${tasks.length} containers checked, about ${seconds} s left`);
  }
  return seen;
}

interface Figures {
  readonly what: string;
  readonly kind: Kind;
  readonly areaM2?: number;
  readonly empty: Rate;
  readonly 'not-certain': Rate;
  readonly loaded: Rate;
  readonly doubts: Readonly<Record<string, number>>;
  /** Of the largest residual: the least, the median and the most. */
  readonly excess: readonly [number, number, number];
}

function figuresOf(seen: readonly Seen[], what: string, kind: Kind): Figures | undefined {
  const own = seen.filter((one) => one.what === what && one.kind === kind);
  if (own.length === 0) return undefined;
  const share = (looks: Seen['looks']) => rateOf(own.filter((one) => one.looks === looks).length, own.length);
  const excess = own.map((one) => one.excess).toSorted((a, b) => a - b);
  const doubts: Record<string, number> = {};
  for (const { doubt } of own) if (doubt !== undefined) doubts[doubt] = (doubts[doubt] ?? 0) + 1;
  const areaM2 = Object.hasOwn(things, what) ? things[what as ThingKind].areaM2 : undefined;
  return {
    what,
    kind,
    ...(areaM2 === undefined ? {} : { areaM2 }),
    empty: share('empty'),
    'not-certain': share('not-certain'),
    loaded: share('loaded'),
    doubts,
    excess: [excess[0] ?? 0, excess[Math.floor(excess.length / 2)] ?? 0, excess.at(-1) ?? 0],
  };
}

/** Milliseconds: the median and the 95 % quantile. */
function timesOf(seen: readonly Seen[], kind: Kind): readonly [number, number] {
  const own = seen.filter((one) => one.kind === kind).map(({ ms }) => ms);
  const sorted = own.toSorted((a, b) => a - b);
  return [sorted[Math.floor(sorted.length / 2)] ?? 0, sorted[Math.floor(sorted.length * 0.95)] ?? 0];
}

function percent({ rate, interval: [low, high] }: Rate): string {
  const shown = (share: number) => (share * 100).toFixed(1);
  return `${shown(rate)} % (${shown(low)} to ${shown(high)})`;
}

function lineOf({ what, kind, empty, loaded, excess, doubts, ...rest }: Figures): string {
  const why = Object.entries(doubts).map(([name, count]) => `${name} ${count}`);
  return [
    what.padEnd(37),
    kind.padEnd(8),
    `n ${empty.of}`.padEnd(6),
    `empty ${percent(empty)}`.padEnd(29),
    `not certain ${percent(rest['not-certain'])}`.padEnd(35),
    `loaded ${percent(loaded)}`.padEnd(30),
    `excess ${excess.map((value) => value.toFixed(4)).join(' ')}`,
    why.join(', '),
  ].join(' ');
}

/** A dot for the excess of each hold, in a row for each thing; on a logarithm from 0.0001 to 100. */
function excessPlot(rows: readonly string[], seen: readonly Seen[], kind: Kind): string {
  const [left, wide, tall] = [280, 560, 22];
  const x = (excess: number) => left + (wide * (Math.log10(Math.max(1e-4, Math.min(100, excess))) + 4)) / 6;
  const lines = rows.map((what, row) => {
    const dots = seen
      .filter((one) => one.what === what && one.kind === kind)
      .map(
        ({ excess }) => `<circle class="dot" cx="${x(excess).toFixed(1)}" cy="${row * tall + 16}" r="2"/>`,
      );
    return `<text x="4" y="${row * tall + 20}">${escaped(what)}</text>${dots.join('')}`;
  });
  const height = rows.length * tall + 34;
  const ticks = [-4, -3, -2, -1, 0, 1, 2].map(
    (power) =>
      `<line class="grid" x1="${x(10 ** power)}" x2="${x(10 ** power)}" y1="4" y2="${height - 28}"/><text x="${x(10 ** power) - 12}" y="${height - 10}">${10 ** power}</text>`,
  );
  const label = `Largest residual of each hold, -ln T times m2: ${kind}`;
  return `<svg viewBox="0 0 ${left + wide + 20} ${height}" role="img" aria-label="${label}"><title>${label}</title>${ticks.join('')}${lines.join('')}</svg>`;
}

const set: HoldSet = oneOf('set', values.set, ['fixing', 'report']);
const count = wholeNumber('count', values.count, 0, MOST);
const loads = wholeNumber('loads', values.loads, 0, MOST);
const seen = await seeAll(tasksOf(set, count, loads));
const rows = [NOTHING, ...thingKinds, LOADS];
const figures = rows.flatMap((what) => kinds.flatMap((kind) => figuresOf(seen, what, kind) ?? []));
const times = kinds.map((kind) => ({ kind, ms: timesOf(seen, kind) }));
if (values.out !== undefined) {
  await mkdir(values.out, { recursive: true });
  for (const kind of kinds)
    await writeFile(join(values.out, `empty-${kind}.svg`), plotFile(excessPlot(rows, seen, kind)));
  await writeFile(join(values.out, 'excess.json'), JSON.stringify(seen));
}
if (values.json) console.log(JSON.stringify({ set, figures, times }, null, 2));
else {
  for (const one of figures) console.log(lineOf(one));
  for (const { kind, ms } of times)
    console.log(`${kind}: median ${ms[0].toFixed(1)} ms, 95 % within ${ms[1].toFixed(1)} ms`);
}

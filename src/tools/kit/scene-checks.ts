import { sha256Hex } from '../../codec/sha256.ts';
import { expectations } from '../../core/conformance/expectations.ts';
import {
  type Channel,
  channelsOf,
  type NiiScan,
  type ScanWithPlanes,
  type View,
} from '../../core/scan/scan.ts';
import { type Check, checksOf, type Statement } from '../contract/compare.ts';
import { type Outcome, wordsOf } from '../contract/subject.ts';
import type { Scene } from './schema.ts';

type SceneChannel = Scene['channels'][number];
type Made = Extract<Outcome, { kind: 'scan' }>;

/** Holds a record against the scene it shows. `reader`: who must have read it; anybody unless given. */
export function sceneChecks(scene: Scene, outcome: Outcome, reader: string | undefined): readonly Check[] {
  const verdict: Statement<Outcome> = ['verdict', 'scan', (one) => wordsOf(one).join(', ')];
  const made = outcome.kind === 'scan' ? outcome : undefined;
  return [...checksOf([verdict], outcome), ...checksOf(statementsOf(scene, reader), made)];
}

function statementsOf(scene: Scene, reader: string | undefined): readonly Statement<Made>[] {
  const { containers, acquired, channels } = scene;
  const kinds = new Set(channels.map(({ kind }) => kind));
  return [
    ...when(reader, (id): Statement<Made> => ['converter', id, ({ group }) => group.converter.id]),
    ['containers', containers.toSorted(), ({ result }) => numbersOf(result.scan)],
    ...when(acquired, (utc): Statement<Made> => ['acquired', utc, ({ result }) => result.scan.acquired.utc]),
    ...channels.flatMap(channelStatements),
    [
      'channels, and none that the scene does not have',
      channels.map(nameOf).toSorted(),
      ({ result }) => namesOf(result.scan, kinds),
    ],
    ['no defect in the conformance report', [], ({ result }) => defectsOf(result.scan)],
  ];
}

function when<T, U>(value: T | undefined, use: (value: T) => U): readonly U[] {
  return value === undefined ? [] : [use(value)];
}

function numbersOf({ units }: NiiScan): readonly string[] {
  return units.flatMap(({ containers }) => containers.map(({ value }) => value)).toSorted();
}

function nameOf({ kind, energy }: Pick<SceneChannel, 'kind' | 'energy'>): string {
  return energy === undefined ? kind : `${kind} ${energy}`;
}

/** Of the kinds that the scene has; a rendered picture beside them is the exporter's own affair. */
function namesOf(scan: NiiScan, kinds: ReadonlySet<string>): readonly string[] {
  return channelsOf(scan)
    .filter(({ channel }) => kinds.has(channel.kind))
    .map(({ channel }) => nameOf(channel))
    .toSorted();
}

function channelStatements(wanted: SceneChannel): readonly Statement<Made>[] {
  const { rows, columns, sha256: hash } = wanted;
  const name = nameOf(wanted);
  return [
    [`size of ${name}`, `${rows} × ${columns}`, ({ result }) => sizeOf(turnedOf(wanted, result))],
    [`samples of ${name}`, hash, ({ result }) => hashOf(turnedOf(wanted, result))],
  ];
}

type Turned = UprightPlane & { readonly frames: number };

/** The samples of the channel upright, or undefined where the record has no such channel. */
function turnedOf({ kind, energy }: SceneChannel, { scan, planes }: ScanWithPlanes): Turned | undefined {
  const entry = channelsOf(scan).find(
    ({ channel }) => channel.kind === kind && (energy === undefined || channel.energy === energy),
  );
  if (entry === undefined) return undefined;
  const stored = planes.get(entry.key) ?? new Uint8Array();
  return { ...upright(stored, entry.channel, entry.view.display), frames: entry.channel.frames };
}

function sizeOf(turned: Turned | undefined): string {
  if (turned === undefined) return 'none';
  const { rows, columns, frames } = turned;
  return `${rows} × ${columns}${frames === 1 ? '' : ` in ${frames} frames`}`;
}

function hashOf(turned: Turned | undefined): string {
  return turned === undefined ? 'none' : sha256Hex(turned.bytes);
}

/** Oddities that make a record one that cannot be relied on. */
function defectsOf({ warnings }: NiiScan): readonly string[] {
  const weights = new Map<string, string>(
    Object.entries(expectations).map(([code, { weight }]) => [code, weight]),
  );
  return [...new Set(warnings.map(({ code }) => code))].filter((code) => weights.get(code) === 'defect');
}

interface UprightPlane {
  readonly rows: number;
  readonly columns: number;
  readonly bytes: Uint8Array;
}

/** Samples turned as the view's display says: rows flipped, turned counter-clockwise, columns mirrored. One frame. */
export function upright(
  plane: Uint8Array,
  { rows, columns, samplesPerPixel, bitsAllocated }: Channel,
  { flipRows, rotate, flipColumns }: View['display'],
): UprightPlane {
  const item = (samplesPerPixel * bitsAllocated) / 8;
  const turned = rotate === 90 || rotate === 270;
  const [height, width] = turned ? [columns, rows] : [rows, columns];
  const out = new Uint8Array(rows * columns * item);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const [r, c] = beforeTurn(row, flipColumns ? width - 1 - column : column, rows, columns, rotate);
      const from = ((flipRows ? rows - 1 - r : r) * columns + c) * item;
      const to = (row * width + column) * item;
      for (let byte = 0; byte < item; byte++) out[to + byte] = plane[from + byte] ?? 0;
    }
  }
  return { rows: height, columns: width, bytes: out };
}

/** Where a sample of the turned picture was before; a quarter turn makes the last column the first row. */
function beforeTurn(
  row: number,
  column: number,
  rows: number,
  columns: number,
  rotate: View['display']['rotate'],
): readonly [row: number, column: number] {
  switch (rotate) {
    case 0:
      return [row, column];
    case 90:
      return [column, columns - 1 - row];
    case 180:
      return [rows - 1 - row, columns - 1 - column];
    case 270:
      return [rows - 1 - column, row];
  }
}

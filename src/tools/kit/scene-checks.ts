import { sha256Hex } from '../../codec/sha256.ts';
import { expectations } from '../../core/conformance/expectations.ts';
import { channelsOf, type NiiScan, type ScanWithPlanes } from '../../core/scan/scan.ts';
import { type Check, checksOf, type Statement } from '../contract/compare.ts';
import { type Outcome, wordsOf } from '../contract/subject.ts';
import type { Scene } from './schema.ts';
import { type UprightPlane, upright } from './upright.ts';

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

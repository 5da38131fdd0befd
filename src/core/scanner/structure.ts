import { channelsOf, type Json, type NiiScan } from '../scan/scan.ts';

/**
 * The structure of what a scanner sends: which files, channels, header constants and metadata paths, never their
 * values. A firmware upgrade that changes it is noticed; another scan of the same scanner does not change it.
 */

/** Of one scan; a longer list is cut in order, so that the same structure stays the same list. */
const FEATURES_CEILING = 4096;
const DEPTH_CEILING = 32;

/** What the structure consists of, in rising order, each once. */
export function structureOf(scan: NiiScan): readonly string[] {
  const { source } = scan;
  const named = (['manufacturer', 'model', 'software'] as const).flatMap((name) =>
    source[name] === undefined ? [] : [`${name}: ${source[name]}`],
  );
  const odd = scan.warnings
    .filter(({ code }) => code === 'NII_W_HEADER_CONSTANT')
    .map(({ field = '', value = '' }) => `header constant ${field}: ${value}`);
  const all = [
    `format: ${source.format}`,
    ...named,
    ...scan.originals.map(({ role }) => `file: ${kindOf(role)}`),
    ...channelsOf(scan).flatMap(channelFeatures),
    ...odd,
    ...vendorPaths(scan),
  ];
  return [...new Set(all)].toSorted(byCodeUnits).slice(0, FEATURES_CEILING);
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function channelFeatures({ key, channel }: ReturnType<typeof channelsOf>[number]): readonly string[] {
  const { kind, energy = 'no energy', bitsStored, bitsAllocated, sampleFormat, polarity } = channel;
  return [
    `channel ${key}: ${kind}, ${energy}, ${bitsStored} of ${bitsAllocated} bits, ${sampleFormat}, ${polarity}`,
    // One side is the detector and stays; the other is how long the vehicle was
    `detector elements ${key}: ${Math.min(channel.rows, channel.columns)}`,
    ...(channel.openBeam === undefined
      ? []
      : [`open beam ${key}: about 2^${Math.round(Math.log2(Math.max(1, channel.openBeam)))}`]),
  ];
}

/** The role of a DICOM file is its own UID, another one in every scan. */
function kindOf(role: string): string {
  return /^[0-9.]+$/.test(role) ? 'instance' : role;
}

/** Each path below the vendor's metadata; a file's name is replaced by its role. */
function vendorPaths(scan: NiiScan): readonly string[] {
  const roles = new Map(scan.originals.map(({ name, role }) => [name, kindOf(role)]));
  return Object.entries(scan.vendor).flatMap(([name, value]) => {
    const paths = new Set<string>();
    collect(value as Json, `metadata ${roles.get(name) ?? name}`, paths, DEPTH_CEILING);
    return [...paths];
  });
}

function collect(value: Json, path: string, into: Set<string>, depth: number): void {
  if (into.size >= FEATURES_CEILING || depth === 0) return;
  if (Array.isArray(value)) {
    for (const item of value) collect(item, path, into, depth - 1);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, item] of Object.entries(value)) collect(item, `${path}/${name}`, into, depth - 1);
  } else {
    into.add(path);
  }
}

/** How often a feature was seen, and for how many scans in a row it is there, or not. */
interface Seen {
  /** Scans before the first that had it. */
  readonly after: number;
  readonly seen: number;
  readonly presentRun: number;
  readonly absentRun: number;
  /** It appeared after the learning, and that was told. */
  readonly told?: true;
}

/** What is known of the structure of one scanner's scans. */
export interface KnownStructure {
  readonly scans: number;
  readonly features: Readonly<Record<string, Seen>>;
}

export interface StructureChange {
  readonly appeared: readonly string[];
  readonly vanished: readonly string[];
}

/** So many scans are learnt from before anything is called a change. */
export const LEARNING_SCANS = 5;
/** One odd file is no change; so many in a row are. */
export const RUN = 3;

export const nothingKnown: KnownStructure = { scans: 0, features: {} };

/**
 * Takes in the structure of the next scan. A feature appeared when it was first seen after the learning and is there
 * for RUN scans in a row; it vanished when every scan since the first had it, LEARNING_SCANS at least, and it is missing for RUN in a
 * row. What vanished is forgotten, so a change is told once.
 */
export function learn(
  known: KnownStructure,
  structure: readonly string[],
): { readonly known: KnownStructure; readonly change: StructureChange | undefined } {
  const scans = known.scans + 1;
  const now = new Set(structure);
  const names = [...new Set([...Object.keys(known.features), ...structure])].toSorted(byCodeUnits);
  const counted = names.map(
    (name) => [name, afterOne(known.features[name], now.has(name), known.scans)] as const,
  );
  const vanished = counted.filter(([, seen]) => hasVanished(seen, scans)).map(([name]) => name);
  const appeared = counted.filter(([, seen]) => hasAppeared(seen)).map(([name]) => name);
  const kept = counted
    .filter(([name, seen]) => !vanished.includes(name) && !isStray(seen))
    .map(([name, seen]) => [name, withTold(seen)] as const);
  return {
    known: { scans, features: Object.fromEntries(kept.slice(0, 2 * FEATURES_CEILING)) },
    change: vanished.length + appeared.length === 0 ? undefined : { appeared, vanished },
  };
}

function afterOne(before: Seen | undefined, present: boolean, scansBefore: number): Seen {
  const first = { after: scansBefore, seen: 0, presentRun: 0, absentRun: 0 };
  const { seen, presentRun, absentRun, ...kept } = before ?? first;
  return present
    ? { ...kept, seen: seen + 1, presentRun: presentRun + 1, absentRun: 0 }
    : { ...kept, seen, presentRun: 0, absentRun: absentRun + 1 };
}

/** Its RUN-th scan in a row for the first time, and the first that it was seen in came after the learning. */
function hasAppeared({ after, presentRun, told }: Seen): boolean {
  return told !== true && presentRun === RUN && after >= LEARNING_SCANS;
}

function withTold(seen: Seen): Seen {
  return hasAppeared(seen) ? { ...seen, told: true } : seen;
}

function hasVanished({ after, seen, absentRun }: Seen, scans: number): boolean {
  return absentRun === RUN && seen >= LEARNING_SCANS && seen === scans - after - absentRun;
}

/** Seen once and never again: sizes that differ from scan to scan must not pile up. */
function isStray({ seen, absentRun }: Seen): boolean {
  return seen < RUN && absentRun > 100;
}

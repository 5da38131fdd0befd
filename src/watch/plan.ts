import { isArchive } from '../codec/archive/magic.ts';
import type { Limits } from '../core/limits.ts';
import { type FileGroup, type GroupedFile, HEAD_BYTES, type StagedFile } from '../recognise/files.ts';
import { sortIntoScans } from '../recognise/index-files.ts';
import type { ConverterManifest } from '../recognise/manifest.ts';
import { openSeen } from './open-seen.ts';
import type { WatchOptions } from './options.ts';
import type { SeenFile } from './tracker.ts';

export interface Recognising {
  readonly converters: readonly { readonly manifest: ConverterManifest }[];
  readonly limits: Pick<Limits, 'depth'>;
}

/** Files that are one scan, or what of it is still to be sent. */
export interface PlannedScan {
  readonly converter: string;
  readonly group: string;
  readonly files: readonly PlannedFile[];
  /** Why it waits; undefined: it goes now. */
  readonly waitsFor: string | undefined;
}

export interface PlannedFile {
  readonly seen: SeenFile;
  readonly role: string;
  readonly staged: StagedFile;
}

export interface UnreadableFile {
  readonly seen: SeenFile;
  /** Converters that claim it; none: its format is not known. */
  readonly claimedBy: readonly string[];
  readonly waitsFor: string | undefined;
}

export interface Plan {
  /** Oldest first. */
  readonly scans: readonly PlannedScan[];
  readonly unreadable: readonly UnreadableFile[];
}

export interface Planning extends Recognising {
  readonly options: Pick<WatchOptions, 'settleMs' | 'groupWaitMs' | 'maxWaitMs'>;
  readonly usual: UsualRoles;
  /** Files of a folder that are done: a late file may belong to them. */
  readonly doneIn: (folder: string) => readonly SeenFile[];
}

/** Of a file that can no longer be read, or not yet, there is nothing to plan. */
async function staged(seen: SeenFile): Promise<StagedFile | undefined> {
  try {
    const file = await openSeen(seen);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
      const head = new Uint8Array(buffer.subarray(0, bytesRead));
      // Hashed when it is sent: here only names and heads count, and no two files are the same
      return { name: seen.name, path: seen.path, bytes: seen.bytes, sha256: seen.name, head };
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}

/** Sorts the files that wait into scans and says which of them may go. */
export async function planScans(planning: Planning, all: readonly SeenFile[], now: number): Promise<Plan> {
  const { waiting, isWhole } = portion(all, planning.options.groupWaitMs);
  const byName = new Map(waiting.map((seen) => [seen.name, seen]));
  const fresh = await stagedOf(waiting);
  const [archives, loose] = [
    fresh.filter(({ head }) => isArchive(head)),
    fresh.filter(({ head }) => !isArchive(head)),
  ];
  const before = await stagedOf(siblings(planning, waiting));
  const sorted = await sortIntoScans([...loose, ...before], planning.converters, planning.limits);
  const taken = new Set<string>();
  const scans = sorted.groups.map((group): PlannedScan => {
    // A report of several scans goes with the first: the service gives it to the others
    const mine = group.files.filter(({ name }) => !taken.has(name));
    const files = mine.flatMap((file) => planned(file, byName));
    for (const { name } of mine) taken.add(name);
    const waitsFor = reasonToWait(planning, group, files, now);
    return { converter: group.converter.id, group: group.groupKey, files, waitsFor };
  });
  const unclear = [
    ...sorted.unknown.map((file) => ({ file, claimedBy: [] })),
    ...sorted.ambiguous.map(({ file, converters }) => ({ file, claimedBy: converters })),
  ];
  return {
    scans: [...scans, ...archives.flatMap((file) => planArchive(planning, file, byName, now))]
      .filter(({ files }) => files.length > 0 && files.every(({ seen }) => isWhole(seen)))
      .toSorted(byAge),
    unreadable: unclear.flatMap(({ file, claimedBy }): readonly UnreadableFile[] => {
      const seen = byName.get(file.name);
      if (seen === undefined) return [];
      const ready = now - seen.since >= planning.options.maxWaitMs;
      return [{ seen, claimedBy, waitsFor: ready ? undefined : 'a file that identifies the format' }];
    }),
  };
}

/** So many files are planned at a time; their heads are held meanwhile. */
const PLAN_CEILING = 4_000;

/** The oldest of very many files. What is as young as the youngest of them may have parts beyond: it waits its turn. */
function portion(all: readonly SeenFile[], marginMs: number) {
  if (all.length <= PLAN_CEILING) return { waiting: all, isWhole: () => true };
  const waiting = all.toSorted((a, b) => a.mtimeMs - b.mtimeMs).slice(0, PLAN_CEILING);
  const [first, last] = [waiting[0]?.mtimeMs ?? 0, waiting.at(-1)?.mtimeMs ?? 0];
  const border = last - marginMs > first ? last - marginMs : last;
  return { waiting, isWhole: ({ mtimeMs }: SeenFile) => mtimeMs <= border };
}

const AT_ONCE = 32;

async function stagedOf(files: readonly SeenFile[]): Promise<readonly StagedFile[]> {
  const found: StagedFile[] = [];
  for (let i = 0; i < files.length; i += AT_ONCE) {
    const some = await Promise.all(files.slice(i, i + AT_ONCE).map(staged));
    found.push(...some.filter((file) => file !== undefined));
  }
  return found;
}

function planned(file: GroupedFile, byName: ReadonlyMap<string, SeenFile>): readonly PlannedFile[] {
  const seen = byName.get(file.name);
  return seen === undefined ? [] : [{ seen, role: file.role, staged: file }];
}

/** What is in an archive, the service says. */
function planArchive(
  { options }: Planning,
  file: StagedFile,
  byName: ReadonlyMap<string, SeenFile>,
  now: number,
): readonly PlannedScan[] {
  const seen = byName.get(file.name);
  if (seen === undefined) return [];
  const settled = now - seen.since >= options.settleMs;
  const files = [{ seen, role: 'archive', staged: file }];
  const waitsFor = settled ? undefined : 'its file to be written';
  return [{ converter: 'archive', group: file.name, files, waitsFor }];
}

function reasonToWait(
  { options, usual, converters }: Planning,
  { converter: { id }, files, fallback }: FileGroup,
  mine: readonly PlannedFile[],
  now: number,
): string | undefined {
  const manifest = converters.find((one) => one.manifest.id === id)?.manifest;
  const quiet = now - Math.max(...mine.map(({ seen }) => seen.since));
  const waits = now - Math.min(...mine.map(({ seen }) => seen.waitingSince));
  const goesAsItIs = isLog(manifest) && waits >= options.maxWaitMs;
  if (quiet < options.settleMs && !goesAsItIs) return 'its files to be written';
  if (files.some(({ complete }) => !complete) && quiet < options.maxWaitMs)
    return 'the bytes that a header states';
  const expected = usual.of(id) ?? (fallback ? ['a scan that it belongs to'] : rolesIn(manifest));
  const wanted = missing(files, expected);
  if (wanted !== undefined && quiet < options.groupWaitMs) return wanted;
  return undefined;
}

/** Lines are added to it all day: waiting until it rests, its alarms would be sent at night. */
function isLog(manifest: ConverterManifest | undefined): boolean {
  return manifest?.group.by === 'name' && manifest.group.grows === true;
}

/** The first part that the scan still lacks: a file that its index names, or a role that such scans have. */
function missing(files: readonly GroupedFile[], roles: readonly string[]): string | undefined {
  const names = new Set(files.map(({ name }) => name.slice(name.lastIndexOf('/') + 1).toLowerCase()));
  const named = files.flatMap(({ index }) => Object.keys(index?.names ?? {}));
  const absent = named.find((name) => !names.has(name));
  if (absent !== undefined) return absent;
  const present = new Set(files.map(({ role }) => role));
  return roles.find((role) => !present.has(role));
}

/** Roles that a manifest names. Of files that only their content joins, more may always come. */
function rolesIn(manifest: ConverterManifest | undefined): readonly string[] {
  if (manifest === undefined) return [];
  const { group, sidecars = [] } = manifest;
  const parts = 'parts' in group && group.parts !== undefined ? Object.values(group.parts) : [];
  const others = sidecars.map(({ role }) => role);
  const more = group.by === 'name' ? [] : ['another file of the scan'];
  return [...parts, ...others, ...more];
}

function byAge(a: PlannedScan, b: PlannedScan): number {
  return oldest(a) - oldest(b) || (a.group < b.group ? -1 : 1);
}

function oldest({ files }: PlannedScan): number {
  return Math.min(...files.map(({ seen }) => seen.mtimeMs));
}

/** At most this many files that are done are looked at beside those that wait. */
const SIBLINGS_CEILING = 512;
/** Longer than what tells the parts of a scan apart in a name (`_material`). */
const PART_LENGTH = 12;

/** Files that are done and whose names begin like those that wait: a late sidecar is recognised beside them only. */
function siblings({ doneIn }: Planning, waiting: readonly SeenFile[]): readonly SeenFile[] {
  const folders = new Map<string, readonly SeenFile[]>();
  const found = new Map<string, SeenFile>();
  for (const { name } of waiting) {
    const folder = name.slice(0, name.lastIndexOf('/') + 1);
    const done = folders.get(folder) ?? doneIn(folder);
    folders.set(folder, done);
    for (const other of done) if (beginAlike(name, other.name)) found.set(other.name, other);
    if (found.size >= SIBLINGS_CEILING) break;
  }
  return [...found.values()].slice(0, SIBLINGS_CEILING);
}

function beginAlike(a: string, b: string): boolean {
  const [one, other] = [bare(a), bare(b)];
  const least = Math.max(1, Math.min(one.length, other.length) - PART_LENGTH);
  return one.slice(0, least) === other.slice(0, least);
}

function bare(name: string): string {
  return name
    .slice(name.lastIndexOf('/') + 1)
    .replace(/\.[^.]*$/, '')
    .toLowerCase();
}

/** So many scans of a converter tell what its scanners usually send. */
const ENOUGH = 4;
const REMEMBERED = 8;

/**
 * What the scans of each converter lately had: a scanner that never writes an icon is not waited for. A scan that has
 * everything the last ones had goes at once.
 */
export class UsualRoles {
  readonly #seen = new Map<string, readonly (readonly string[])[]>();

  note(converter: string, roles: readonly string[]): void {
    const before = this.#seen.get(converter) ?? [];
    this.#seen.set(converter, [...before, roles].slice(-REMEMBERED));
  }

  /** Undefined until enough scans were seen. */
  of(converter: string): readonly string[] | undefined {
    const seen = this.#seen.get(converter) ?? [];
    return seen.length < ENOUGH ? undefined : [...new Set(seen.flat())];
  }
}

/** Messages of portals and scanners, with the truth behind them. */
import { fakeScan } from '../../test/support/fake-scan.ts';
import { n42Document, nuclideFound, portalLines } from '../../test/support/vendors/portal.ts';
import type { Chance } from './chance.ts';
import type { AlarmKind, Named, Seconds } from './history.ts';
import type { PlannedVehicle } from './plan.ts';

interface Written {
  readonly name: string;
  readonly bytes: Buffer;
  readonly site: string;
  /** Marks in the file itself; a query adds the visit. */
  readonly named: Named;
}

export interface ScanFile extends Written {
  readonly kind: 'scan';
  readonly of: string;
  readonly readable: boolean;
  readonly units: number;
  readonly madeAt: Seconds;
}

export interface PortalFile extends Written {
  readonly kind: 'portal';
  /** Name of the passage; a corrected or repeated message of it has the same. */
  readonly record: string;
  readonly of: string | undefined;
  readonly alarms: readonly AlarmKind[];
  readonly measured: boolean;
  readonly isReadable: boolean;
  readonly passedAt: Seconds;
  /** How the clock of the portal is written, in words. */
  readonly clock: string;
}

export type MessageFile = ScanFile | PortalFile;

/** When something happened by a true clock, and how to write a moment. */
export interface Moment {
  readonly at: Seconds;
  readonly iso: (second: Seconds) => string;
  /** The scanners have other detectors by then. */
  readonly isRefitted: boolean;
}

const clocks = ['true', 'true', 'true', 'true', 'no zone', 'hour behind', 'two hours ahead', 'none'] as const;

function writtenTime(clock: string, { at, iso }: Moment): string | undefined {
  if (clock === 'none') return undefined;
  if (clock === 'hour behind') return iso(at - 3600);
  if (clock === 'two hours ahead') return iso(at + 7200);
  return clock === 'no zone' ? iso(at + 3600).replace('Z', '') : iso(at);
}

/** The same number as a sender may spell it. */
function spelt(chance: Chance, mark: string): string {
  const drawn = chance.below(6);
  if (drawn === 0) return mark.toLowerCase();
  if (drawn === 1) return `${mark.slice(0, 4)} ${mark.slice(4, 10)}-${mark.slice(10)}`;
  return mark;
}

/** A digit that was read wrong. */
function misread(chance: Chance, mark: string): string {
  const at = chance.between(4, 9);
  return mark.slice(0, at) + String((Number(mark[at]) + 1) % 10) + mark.slice(at + 1);
}

function marksIn(chance: Chance, { named }: PlannedVehicle): string[] {
  if (chance.oneIn(8)) return [];
  if (chance.oneIn(16)) return named.containers.map((mark) => misread(chance, mark));
  return named.containers.map((mark) => spelt(chance, mark));
}

const marksOf = (containers: readonly string[]): Named => ({ containers, plates: [] });

/** An honest image: true marks, whole, by a true clock. */
export function honestScan(of: PlannedVehicle, seed: number, moment: Moment): ScanFile {
  return scanOf(of, seed, moment, { containers: of.named.containers, acquired: moment.iso(moment.at) });
}

export function drawScan(chance: Chance, of: PlannedVehicle, seed: number, moment: Moment): ScanFile {
  const clock = chance.oneOf(clocks);
  const acquired = writtenTime(clock, moment);
  const file = scanOf(of, seed, moment, { containers: marksIn(chance, of), acquired });
  return chance.oneIn(14) ? { ...file, bytes: Buffer.from('NIIFAKE1\n{"rows":'), readable: false } : file;
}

function scanOf(
  of: PlannedVehicle,
  seed: number,
  { at, isRefitted }: Moment,
  { containers, acquired }: { readonly containers: readonly string[]; readonly acquired: string | undefined },
): ScanFile {
  const order = {
    ...{ seed, containers: containers.join(',') },
    ...(acquired !== undefined && { acquired }),
    ...(isRefitted && { detectors: 'new' }),
  };
  return {
    kind: 'scan',
    name: `${seed}.fake`,
    bytes: fakeScan(order),
    site: of.site,
    named: marksOf(containers),
    of: of.id,
    readable: true,
    units: Math.max(1, containers.length),
    madeAt: at,
  };
}

const alarmSets: readonly (readonly AlarmKind[])[] = [
  [],
  ['gamma'],
  ['gamma'],
  ['gamma'],
  ['neutron'],
  ['nuclear-material'],
];

export interface PassageToWrite {
  readonly record: string;
  readonly number: number;
  readonly moment: Moment;
}

export function drawPassage(
  chance: Chance,
  of: PlannedVehicle | undefined,
  site: string,
  passage: PassageToWrite,
): PortalFile {
  const alarms = chance.oneOf(alarmSets);
  const clock = chance.oneOf(clocks);
  const container = of === undefined ? undefined : marksIn(chance, of)[0];
  const isDocument = alarms.includes('nuclear-material') || (container !== undefined && chance.oneIn(2));
  if (isDocument && of !== undefined)
    return n42Of(of, passage, {
      container: container ?? `UNREAD${passage.number}`,
      clock: clock === 'none' ? 'true' : clock,
      alarms,
    });
  const written = linesOf(of?.id, site, passage, {
    clock,
    alarms: alarms.filter((kind) => kind !== 'nuclear-material'),
  });
  if (chance.oneIn(12)) return deadDetector(written);
  return chance.oneIn(14) ? cut(written) : written;
}

/** A portal measured the vehicle and found nothing. */
export function honestPassage(of: PlannedVehicle, number: number, moment: Moment): PortalFile {
  const [container = `UNREAD${number}`] = of.named.containers;
  const passage = { record: `passage-${number}`, number, moment };
  return n42Of(of, passage, { container, clock: 'true', alarms: [] });
}

interface Reading {
  readonly clock: string;
  readonly alarms: readonly AlarmKind[];
}

function n42Of(
  of: PlannedVehicle,
  { record, number, moment }: PassageToWrite,
  { container, clock, alarms }: Reading & { readonly container: string },
): PortalFile {
  const results = alarms.map(resultOf).join('');
  const time = writtenTime(clock, moment) ?? moment.iso(moment.at);
  const bytes = n42Document(
    container,
    time,
    results || '<AnalysisResultStatusCode>Success</AnalysisResultStatusCode>',
  );
  return {
    ...portalFile(of.id, of.site, record, moment, { clock, alarms }),
    name: `${number}.n42`,
    bytes,
    named: marksOf(container.startsWith('UNREAD') ? [] : [container]),
  };
}

function resultOf(kind: AlarmKind): string {
  if (kind === 'nuclear-material') return nuclideFound('Pu-239');
  const category = kind === 'gamma' ? 'Gamma' : 'Neutron';
  return `<RadAlarm><RadAlarmCategoryCode>${category}</RadAlarmCategoryCode></RadAlarm>`;
}

function linesOf(
  of: string | undefined,
  site: string,
  { record, number, moment }: PassageToWrite,
  { clock, alarms }: Reading,
): PortalFile {
  const from = writtenTime(clock, moment);
  const [alarm] = alarms;
  const passage = {
    number,
    ...(from === undefined ? {} : { from }),
    ...(alarm === 'gamma' || alarm === 'neutron' ? { alarm } : {}),
  };
  return {
    ...portalFile(of, site, record, moment, { clock, alarms }),
    name: `${number}.csv`,
    bytes: portalLines([passage]),
    named: marksOf([]),
  };
}

function portalFile(of: string | undefined, site: string, record: string, { at }: Moment, reading: Reading) {
  return {
    kind: 'portal',
    site,
    record,
    of,
    ...reading,
    measured: true,
    isReadable: true,
    passedAt: at,
  } as const;
}

/** A gamma detector of the four counts nothing, from the first line to the last. */
function deadDetector(file: PortalFile): PortalFile {
  const lines = file.bytes
    .toString()
    .replaceAll('000060,000061', '000000,000061')
    .replaceAll('000300,', '000000,');
  return { ...file, bytes: Buffer.from(lines), measured: false };
}

/** Binary rubbish follows, so that the whole cannot be read. What it held is not known to the service. */
function cut(file: PortalFile): PortalFile {
  const bytes = Buffer.concat([file.bytes, Buffer.alloc(64, 0xff)]);
  return { ...file, bytes, measured: false, isReadable: false, alarms: [] };
}

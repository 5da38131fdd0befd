import type {
  Acquired,
  GrossCounts,
  RadiationAlarm,
  RadiationDetector,
  RadiationFault,
  RadiationProfile,
  RadiationRecord,
  Sdk,
} from '../../src/sdk/sdk.ts';
import { type CountLine, isInOccupancy, type Line } from './lines.ts';
import { type PassageFaults, StandingFaults } from './standing-faults.ts';

const OCCUPANCIES_CEILING = 8192;
const FAULTS_CEILING = 256;

type Radiation = CountLine['radiation'];
const radiations: readonly Radiation[] = ['gamma', 'neutron'];

/** Lines of one occupancy, with the background that stood when it began. */
interface Passage extends PassageFaults {
  readonly lines: readonly Line[];
  readonly background: ReadonlyMap<Radiation, CountLine>;
}

/**
 * The occupancies in the order of the file: each begins with its first alarm or scan line and ends with GX. Faults and
 * speed between two belong to the next, a speed right behind GX to the one that ended. A damaged line between two
 * belongs to both: it may be of either.
 * @throws NII_LIMIT_BYTES
 */
export function occupanciesOf(lines: readonly Line[], sdk: Sdk): readonly RadiationRecord[] {
  const passages = passagesOf(lines);
  if (passages.length > OCCUPANCIES_CEILING) {
    const detail = `more than ${OCCUPANCIES_CEILING} occupancies in one file; send it in parts`;
    throw sdk.error('NII_LIMIT_BYTES', detail);
  }
  return passages.map((passage, i) => recordOf(passage, `occupancy-${i + 1}`, sdk));
}

function passagesOf(lines: readonly Line[]): readonly Passage[] {
  const passages: (Passage & { readonly lines: Line[] })[] = [];
  const background = new Map<Radiation, CountLine>();
  const faults = new StandingFaults();
  let open: Line[] = [];
  let began: ReadonlyMap<Radiation, CountLine> | undefined;
  const end = () => {
    passages.push({ lines: open, background: began ?? new Map(background), ...faults.ofPassage() });
    open = [];
    began = undefined;
  };
  for (const line of lines) {
    if (line.kind === 'set-up') continue;
    faults.see(line);
    if (line.kind === 'background') {
      background.set(line.radiation, line);
      continue;
    }
    const ended = passages.at(-1);
    if (line.kind === 'speed' && open.length === 0 && ended !== undefined && !hasSpeed(ended)) {
      ended.lines.push(line);
      continue;
    }
    if (line.kind === 'damaged' && !open.some(isInOccupancy)) ended?.lines.push(line);
    if (isInOccupancy(line)) began ??= new Map(background);
    open.push(line);
    if (line.kind === 'end') end();
  }
  if (open.some(({ kind }) => kind !== 'damaged') || passages.length === 0) end();
  return passages;
}

function hasSpeed({ lines }: Passage): boolean {
  return lines.some(({ kind }) => kind === 'speed');
}

function recordOf({ lines, carried, over, background }: Passage, id: string, sdk: Sdk): RadiationRecord {
  const counted = lines.filter(isInOccupancy);
  const end = lines.find((line) => line.kind === 'end');
  const speed = lines.find((line) => line.kind === 'speed');
  if (end === undefined && counted.length > 0) sdk.warn('NII_W_OCCUPANCY_OPEN', { field: id });
  const start = timeOf(counted, sdk);
  const stop = timeOf([...(end === undefined ? [] : [end]), ...counted.toReversed()], sdk);
  const counts = [...countsOf(counted, 'foreground'), ...countsOf([...background.values()], 'background')];
  return {
    id,
    instrument: { components: [] },
    occupancy: {
      ...(end === undefined ? {} : { number: end.number }),
      ...(start === undefined ? {} : { start }),
      ...(stop === undefined ? {} : { end: stop }),
      ended: end !== undefined,
      ...(end?.neutronBackground === undefined ? {} : { neutronBackground: end.neutronBackground }),
    },
    ...(speed === undefined ? {} : { speedMetresPerSecond: speed.metresPerSecond }),
    detectors: detectorsOf(counts),
    counts,
    ...(counted.length === 0 ? {} : { profile: profileOf(counted) }),
    spectra: [],
    doseRates: [],
    alarms: alarmsOf(counted, sdk),
    faults: faultsOf([...carried, ...lines], over, sdk),
    nuclides: [],
  };
}

/** Of the first line that has one. */
function timeOf(lines: readonly Line[], sdk: Sdk): Acquired | undefined {
  const timed = lines.find((line) => 'time' in line && line.time !== undefined);
  return timed === undefined || !('time' in timed) || timed.time === undefined
    ? undefined
    : sdk.timeText(timed.time);
}

/** Sums by detector. The lines do not say how long one counts. */
function countsOf(lines: readonly CountLine[], phase: GrossCounts['class']): GrossCounts[] {
  const sums = new Map<string, GrossCounts>();
  for (const { radiation, counts } of lines) {
    for (const [i, value] of counts.entries()) {
      const detector = `${radiation}-${i + 1}`;
      const before = sums.get(detector);
      sums.set(detector, {
        detector,
        class: phase,
        counts: (before?.counts ?? 0) + value,
        samples: (before?.samples ?? 0) + 1,
        maximum: Math.max(before?.maximum ?? 0, value),
      });
    }
  }
  return [...sums.values()].sort((a, b) => (a.detector < b.detector ? -1 : 1));
}

/** More of one passage would be no plot; a parked vehicle goes on and on. */
const PROFILE_CEILING = 4096;

/** What the detectors of a kind counted together, line after line. */
function profileOf(lines: readonly CountLine[]): RadiationProfile[] {
  return radiations.flatMap((kind): readonly RadiationProfile[] => {
    const own = lines.filter(({ radiation, counts }) => radiation === kind && counts.length > 0);
    const counts = own
      .slice(0, PROFILE_CEILING)
      .map((line) => line.counts.reduce((sum, one) => sum + one, 0));
    return counts.length === 0 ? [] : [{ kind, counts }];
  });
}

function detectorsOf(counts: readonly GrossCounts[]): RadiationDetector[] {
  const ids = [...new Set(counts.map(({ detector }) => detector))].sort((a, b) => (a < b ? -1 : 1));
  return ids.map((id) => ({ id, kind: id.startsWith('gamma') ? 'gamma' : 'neutron' }));
}

/** One alarm for each kind of radiation whose lines say alarm. */
function alarmsOf(lines: readonly CountLine[], sdk: Sdk): RadiationAlarm[] {
  return radiations.flatMap((radiation): readonly RadiationAlarm[] => {
    const alarmed = lines.filter((line) => line.kind === 'alarm' && line.radiation === radiation);
    if (alarmed.length === 0) return [];
    const highest = alarmed.reduce((most, { counts }) => Math.max(most, ...counts), 0);
    const at = timeOf(alarmed, sdk);
    const description = `${alarmed.length} alarm lines, highest count of one detector ${highest}`;
    const written = radiation === 'gamma' ? 'GA' : 'NA';
    return [{ category: radiation, written, description, ...(at === undefined ? {} : { at }) }];
  });
}

function faultsOf(lines: readonly Line[], over: ReadonlySet<Line>, sdk: Sdk): RadiationFault[] {
  const faults = lines.flatMap((line) =>
    faultOf(line, sdk).map((fault) => (over.has(line) ? { ...fault, over: true as const } : fault)),
  );
  if (faults.length > FAULTS_CEILING) {
    const message = `${faults.length - FAULTS_CEILING} further faults are in the original only`;
    sdk.warn('NII_W_LINE_UNREAD', { message });
  }
  // One that is over pushes out none that makes the occupancy one that was not measured
  const isOver = ({ over: is }: RadiationFault) => Number(is === true);
  const kept = faults.length > FAULTS_CEILING ? faults.toSorted((a, b) => isOver(a) - isOver(b)) : faults;
  return kept.slice(0, FAULTS_CEILING);
}

function faultOf(line: Line, sdk: Sdk): readonly RadiationFault[] {
  const at = timeOf([line], sdk);
  const when = at === undefined ? {} : { at };
  switch (line.kind) {
    case 'tamper':
    case 'tamper-cleared':
      return [{ kind: line.kind, ...when }];
    case 'high-fault':
    case 'low-fault': {
      const kind = line.kind === 'high-fault' ? 'high-background' : 'low-background';
      return [{ kind, radiation: line.radiation, description: `counts ${line.counts.join(', ')}`, ...when }];
    }
    case 'damaged':
      return [{ kind: 'other', severity: 'Error', description: `line ${line.number} is damaged` }];
    case 'alarm':
    case 'scan':
    case 'background':
    case 'end':
    case 'speed':
    case 'set-up':
      return [];
  }
}

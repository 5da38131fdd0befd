import type {
  Acquired,
  DoseRate,
  GrossCounts,
  MeasurementClass,
  RadiationFault,
  RadiationSpectrum,
  Sdk,
  XmlNode,
} from '../../src/sdk/sdk.ts';
import { allOf, attributeOf, childrenOf, numberIn, optional, secondsIn, textOf, word } from './nodes.ts';
import { type Calibrations, spectrumOf } from './spectra.ts';

const SPECTRA_CEILING = 4096;
/** Values of all spectra that the record carries; the rest is in the original. */
const CHANNEL_DATA_CEILING = 65_536;
const FAULTS_CEILING = 256;

/** What the RadMeasurement elements hold, summed up by detector and class. */
export interface Measurements {
  readonly start: Acquired | undefined;
  readonly end: Acquired | undefined;
  readonly counts: readonly GrossCounts[];
  readonly doseRates: readonly DoseRate[];
  readonly spectra: readonly RadiationSpectrum[];
  readonly faults: readonly RadiationFault[];
  readonly speedMetresPerSecond: number | undefined;
}

interface Measurement {
  readonly node: XmlNode;
  readonly class: MeasurementClass;
  readonly startText: string | undefined;
  readonly realSeconds: number | undefined;
  readonly occupied: boolean | undefined;
}

export function measurementsOf(root: XmlNode, calibrations: Calibrations, sdk: Sdk): Measurements {
  const all = allOf(root, 'RadMeasurement').map((node) => measurementOf(node, sdk));
  const derived = allOf(root, 'DerivedData').map((node) => measurementOf(node, sdk));
  const whole = [...all, ...derived];
  return {
    ...spanOf(all.length > 0 ? all : derived, alarmTimesOf(root, sdk), sdk),
    counts: withDerived(countsOf(all, sdk), countsOf(derived, sdk)),
    doseRates: withDerived(doseRatesOf(all, sdk), doseRatesOf(derived, sdk)),
    spectra: spectraOf(whole, calibrations, sdk),
    faults: faultsOf(all, sdk),
    speedMetresPerSecond: all
      .flatMap(({ node }) => allOf(node, 'SpeedValue'))
      .map(({ text }) => numberIn(text, 'SpeedValue', sdk))
      .find((speed) => speed !== undefined),
  };
}

const classes = new Map<string, MeasurementClass>(
  Object.entries({
    Foreground: 'foreground',
    Background: 'background',
    Calibration: 'calibration',
    IntrinsicActivity: 'intrinsic-activity',
    NotSpecified: 'unspecified',
  }),
);

function measurementOf(node: XmlNode, sdk: Sdk): Measurement {
  const code = textOf(node, 'MeasurementClassCode');
  const known = classes.get(code ?? 'NotSpecified');
  if (known === undefined)
    sdk.warn('NII_W_FIELD_MALFORMED', { field: 'MeasurementClassCode', value: code ?? '' });
  const occupied = textOf(node, 'OccupancyIndicator');
  return {
    node,
    class: known ?? 'unspecified',
    startText: textOf(node, 'StartDateTime'),
    realSeconds: secondsIn(textOf(node, 'RealTimeDuration'), 'RealTimeDuration', sdk),
    occupied: occupied === undefined ? undefined : occupied === 'true' || occupied === '1',
  };
}

/** What was derived of measurements is in their sums: it counts for detectors and classes that have none. */
function withDerived<One extends { readonly class: MeasurementClass; readonly detector?: string }>(
  measured: readonly One[],
  derived: readonly One[],
): readonly One[] {
  const keyOf = (one: One) => `${one.class} ${one.detector}`;
  const known = new Set(measured.map(keyOf));
  return [...measured, ...derived.filter((one) => !known.has(keyOf(one)))].slice(0, FAULTS_CEILING * 5);
}

function alarmTimesOf(root: XmlNode, sdk: Sdk): readonly Acquired[] {
  return allOf(root, 'RadAlarm').flatMap((node) => {
    const text = textOf(node, 'RadAlarmDateTime');
    return text === undefined ? [] : [sdk.timeText(text)];
  });
}

/**
 * From the first occupied measurement to the end of the last; without any, of the foreground. Where nothing is marked, a
 * single measurement is the occupancy. Several are not: hours may lie between them. Then the first alarm says when.
 */
function spanOf(
  all: readonly Measurement[],
  alarms: readonly Acquired[],
  sdk: Sdk,
): Pick<Measurements, 'start' | 'end'> {
  const occupied = all.filter((one) => one.occupied === true && one.class !== 'background');
  const foreground = all.filter((one) => one.class === 'foreground');
  const marked = [occupied, foreground].find((some) => some.length > 0);
  const unspecified = all.filter((one) => one.class === 'unspecified');
  const chosen = marked ?? [unspecified, all].find((some) => some.length === 1);
  if (chosen === undefined) return unmarked(all, alarms, sdk);
  const timed = chosen.flatMap(({ startText, realSeconds = 0 }) => {
    const start = startText === undefined ? undefined : sdk.timeText(startText);
    const from = start?.utc === undefined ? Number.NaN : Date.parse(start.utc);
    return start === undefined ? [] : [{ start, from, to: from + realSeconds * 1000 }];
  });
  const known = timed.filter(({ from }) => Number.isFinite(from)).sort((a, b) => a.from - b.from);
  const [first] = known;
  if (first === undefined) return { start: timed[0]?.start, end: undefined };
  const last = known.reduce((latest, one) => (one.to > latest.to ? one : latest));
  const end: Acquired = { utc: new Date(last.to).toISOString(), zone: last.start.zone };
  return { start: first.start, end };
}

function unmarked(
  all: readonly Measurement[],
  alarms: readonly Acquired[],
  sdk: Sdk,
): Pick<Measurements, 'start' | 'end'> {
  if (all.length > 0) {
    const message = `None of ${all.length} measurements is marked as foreground or as occupied`;
    sdk.warn('NII_W_FIELD_MALFORMED', { field: 'OccupancyIndicator', message });
  }
  const [first] = alarms
    .filter(({ utc }) => utc !== undefined)
    .toSorted((a, b) => Date.parse(a.utc ?? '') - Date.parse(b.utc ?? ''));
  return { start: first, end: undefined };
}

function referenceOf(node: XmlNode): string {
  return (attributeOf(node, 'radDetectorInformationReference') ?? 'unknown').slice(0, 256);
}

function countsOf(all: readonly Measurement[], sdk: Sdk): readonly GrossCounts[] {
  const sums = new Map<string, GrossCounts>();
  for (const measurement of all) {
    for (const node of childrenOf(measurement.node, 'GrossCounts')) {
      const counts = grossIn(node, sdk);
      if (counts === undefined) continue;
      const detector = referenceOf(node);
      const live = secondsIn(textOf(node, 'LiveTimeDuration'), 'LiveTimeDuration', sdk);
      const key = `${measurement.class} ${detector}`;
      const before = sums.get(key);
      sums.set(key, {
        detector,
        class: measurement.class,
        counts: (before?.counts ?? 0) + counts,
        samples: (before?.samples ?? 0) + 1,
        maximum: Math.max(before?.maximum ?? 0, counts),
        ...optional(
          'liveSeconds',
          live === undefined ? before?.liveSeconds : (before?.liveSeconds ?? 0) + live,
        ),
      });
    }
  }
  return [...sums.values()].slice(0, FAULTS_CEILING * 5);
}

/** Counts of several energy windows are added up. */
function grossIn(node: XmlNode, sdk: Sdk): number | undefined {
  const text = textOf(node, 'CountData') ?? textOf(node, 'TotalCounts');
  if (text === undefined) return undefined;
  const values = text.split(/\s+/).map((part) => numberIn(part, 'CountData', sdk));
  return values.every((value) => value !== undefined)
    ? values.reduce<number>((sum, value) => sum + (value ?? 0), 0)
    : undefined;
}

/** The highest of each detector and class, in µSv/h. */
function doseRatesOf(all: readonly Measurement[], sdk: Sdk): readonly DoseRate[] {
  const highest = new Map<string, DoseRate>();
  for (const measurement of all) {
    for (const node of childrenOf(measurement.node, 'DoseRate')) {
      const value = numberIn(textOf(node, 'DoseRateValue'), 'DoseRateValue', sdk);
      if (value === undefined) continue;
      const key = `${measurement.class} ${referenceOf(node)}`;
      const before = highest.get(key)?.microsievertsPerHour ?? -1;
      if (value <= before) continue;
      const detector = word(attributeOf(node, 'radDetectorInformationReference'));
      highest.set(key, {
        ...optional('detector', detector),
        class: measurement.class,
        microsievertsPerHour: value,
      });
    }
  }
  return [...highest.values()].slice(0, FAULTS_CEILING * 5);
}

function spectraOf(
  all: readonly Measurement[],
  calibrations: Calibrations,
  sdk: Sdk,
): readonly RadiationSpectrum[] {
  const nodes = all.flatMap((measurement) =>
    childrenOf(measurement.node, 'Spectrum').map((node) => ({ node, measurement })),
  );
  if (nodes.length > SPECTRA_CEILING) {
    const message = `${nodes.length - SPECTRA_CEILING} spectra behind the first ${SPECTRA_CEILING} are in the original only`;
    sdk.warn('NII_W_FIELD_MALFORMED', { field: 'Spectrum', message });
  }
  let room = CHANNEL_DATA_CEILING;
  return nodes.slice(0, SPECTRA_CEILING).flatMap(({ node, measurement }) => {
    const spectrum = spectrumOf(node, measurement, calibrations, sdk);
    if (spectrum === undefined) return [];
    if (spectrum.channels <= room) {
      room -= spectrum.channels;
      return [spectrum];
    }
    const { data, ...summary } = spectrum;
    return [summary];
  });
}

function faultsOf(all: readonly Measurement[], sdk: Sdk): readonly RadiationFault[] {
  const faults = all.flatMap(({ node, startText }) =>
    allOf(node, 'Fault').map((fault) => faultOf(fault, startText, sdk)),
  );
  if (faults.length > FAULTS_CEILING) {
    const message = `${faults.length - FAULTS_CEILING} further faults are in the original only`;
    sdk.warn('NII_W_FIELD_MALFORMED', { field: 'Fault', message });
  }
  return faults.slice(0, FAULTS_CEILING);
}

function faultOf(node: XmlNode, startText: string | undefined, sdk: Sdk): RadiationFault {
  const code = textOf(node, 'FaultCodeValue');
  const description = textOf(node, 'FaultDescription');
  return {
    kind: faultKindOf(`${code ?? ''} ${description ?? ''}`),
    ...optional('code', word(code)),
    ...optional('severity', textOf(node, 'FaultSeverityCode')?.slice(0, 64)),
    ...optional('description', description === undefined ? undefined : sdk.clip(description)),
    ...optional('at', startText === undefined ? undefined : sdk.timeText(startText)),
  };
}

function faultKindOf(words: string): RadiationFault['kind'] {
  if (/tamper/i.test(words)) return 'tamper';
  if (/high\s*background/i.test(words)) return 'high-background';
  return /low\s*background/i.test(words) ? 'low-background' : 'other';
}

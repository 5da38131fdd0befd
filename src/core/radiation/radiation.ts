import Type, { type Static } from 'typebox';
import { Acquired, Visit } from '../scan/circumstances.ts';
import { isGraveNuclide, isNatural, isNoNuclide } from './nuclides.ts';

/**
 * What a radiation portal monitor wrote of one occupancy. Names follow ANSI N42.42-2011 where it has one.
 * Counts are counts, rates counts per second, times seconds, energies keV, dose rates µSv/h.
 */

const closed = { additionalProperties: false } as const;
const Text = Type.String({ maxLength: 4096 });
const Word = Type.String({ maxLength: 256 });
const Count = Type.Number({ minimum: 0, description: 'Number of counts' });
const Seconds = Type.Number({ minimum: 0 });

/** Ceilings of one record; what a file has beyond them stays in the original. */
export const radiationLimits = {
  records: 8192,
  detectors: 256,
  measurements: 4096,
  spectra: 4096,
  /** Samples of the profile of one kind of radiation. */
  profile: 4096,
  /** Of one spectrum. */
  channels: 65_536,
  /** Channel values kept in a record, all spectra together. */
  channelData: 65_536,
  alarms: 256,
} as const;

export const RadiationKind = Type.Enum(['gamma', 'neutron', 'alpha', 'beta', 'x-ray', 'other', 'unknown']);
export type RadiationKind = Static<typeof RadiationKind>;

/** N42 MeasurementClassCode; portals that do not write one say it by the kind of line. */
export const MeasurementClass = Type.Enum([
  'foreground',
  'background',
  'calibration',
  'intrinsic-activity',
  'unspecified',
]);
export type MeasurementClass = Static<typeof MeasurementClass>;

const Component = Type.Object({ name: Word, version: Type.Optional(Word) }, closed);

export const RadiationInstrument = Type.Object(
  {
    manufacturer: Type.Optional(Text),
    model: Type.Optional(Text),
    serial: Type.Optional(Text),
    classCode: Type.Optional(
      Type.String({ maxLength: 256, description: 'Portal Monitor, Backpack, … as written' }),
    ),
    description: Type.Optional(Text),
    components: Type.Array(Component, { maxItems: 64, description: 'Hardware and software with versions' }),
  },
  closed,
);
export type RadiationInstrument = Static<typeof RadiationInstrument>;

export const RadiationDetector = Type.Object(
  {
    id: Word,
    kind: RadiationKind,
    name: Type.Optional(Text),
    material: Type.Optional(Type.String({ maxLength: 256, description: 'NaI, PVT, He3, … as written' })),
    description: Type.Optional(Text),
  },
  closed,
);
export type RadiationDetector = Static<typeof RadiationDetector>;

/** Gross counts of one detector in one class of measurement, several measurements added up. */
export const GrossCounts = Type.Object(
  {
    detector: Type.String({ maxLength: 256, description: 'Id of the detector' }),
    class: MeasurementClass,
    counts: Count,
    samples: Type.Integer({ minimum: 1, description: 'Number of measurements or lines that were added up' }),
    maximum: Type.Number({ minimum: 0, description: 'Highest count of a single measurement or line' }),
    liveSeconds: Type.Optional(Seconds),
  },
  closed,
);
export type GrossCounts = Static<typeof GrossCounts>;

/** How the counts rose and fell while the vehicle passed, as far as the file says it line by line. */
export const RadiationProfile = Type.Object(
  {
    kind: Type.Enum(['gamma', 'neutron']),
    counts: Type.Array(Count, {
      minItems: 1,
      maxItems: radiationLimits.profile,
      description: 'Sum of all detectors of the kind, sample by sample as written by the portal',
    }),
  },
  closed,
);
export type RadiationProfile = Static<typeof RadiationProfile>;

export const EnergyCalibration = Type.Object(
  {
    coefficients: Type.Optional(
      Type.Array(Type.Number(), {
        maxItems: 16,
        description: 'keV at the lower edge of channel c: a0 + a1 c + a2 c² …',
      }),
    ),
    boundaries: Type.Optional(
      Type.Object(
        { count: Type.Integer({ minimum: 2 }), firstKev: Type.Number(), lastKev: Type.Number() },
        { ...closed, description: 'Edges of the channels, listed one by one in the original' },
      ),
    ),
  },
  closed,
);
export type EnergyCalibration = Static<typeof EnergyCalibration>;

export const RadiationSpectrum = Type.Object(
  {
    id: Type.Optional(Word),
    detector: Type.Optional(Type.String({ maxLength: 256, description: 'Id of the detector' })),
    class: MeasurementClass,
    start: Type.Optional(Acquired),
    liveSeconds: Type.Optional(Seconds),
    realSeconds: Type.Optional(Seconds),
    channels: Type.Integer({ minimum: 1, maximum: radiationLimits.channels }),
    counts: Type.Number({ minimum: 0, description: 'Sum over all channels' }),
    calibration: Type.Optional(EnergyCalibration),
    data: Type.Optional(
      Type.Array(Count, {
        maxItems: radiationLimits.channels,
        description: 'Counts by channel; absent: they are in the original only',
      }),
    ),
  },
  closed,
);
export type RadiationSpectrum = Static<typeof RadiationSpectrum>;

export const DoseRate = Type.Object(
  {
    detector: Type.Optional(Word),
    class: MeasurementClass,
    microsievertsPerHour: Type.Number({ minimum: 0, description: 'Highest measured value' }),
  },
  closed,
);
export type DoseRate = Static<typeof DoseRate>;

export const AlarmCategory = Type.Enum([
  'gamma',
  'neutron',
  'gamma-neutron',
  'alpha',
  'beta',
  'isotope',
  'test',
  'other',
]);
export type AlarmCategory = Static<typeof AlarmCategory>;

export const RadiationAlarm = Type.Object(
  {
    category: AlarmCategory,
    written: Type.Optional(Type.String({ maxLength: 256, description: 'Category as written in the file' })),
    description: Type.Optional(Text),
    at: Type.Optional(Acquired),
    detectors: Type.Optional(Type.Array(Word, { maxItems: radiationLimits.detectors })),
  },
  closed,
);
export type RadiationAlarm = Static<typeof RadiationAlarm>;

export const RadiationFault = Type.Object(
  {
    kind: Type.Enum(['tamper', 'tamper-cleared', 'high-background', 'low-background', 'other']),
    radiation: Type.Optional(RadiationKind),
    code: Type.Optional(Word),
    severity: Type.Optional(Type.String({ maxLength: 64, description: 'Fatal, Error, Warning as written' })),
    description: Type.Optional(Text),
    at: Type.Optional(Acquired),
    over: Type.Optional(Type.Literal(true, { description: 'The fault ended before the occupancy began' })),
  },
  closed,
);
export type RadiationFault = Static<typeof RadiationFault>;

export const Nuclide = Type.Object(
  {
    name: Word,
    identified: Type.Optional(Type.Boolean()),
    category: Type.Optional(
      Type.String({ maxLength: 256, description: 'NORM, industrial, medical, … as written' }),
    ),
    confidence: Type.Optional(Type.Number({ description: 'As written, on the instrument’s scale' })),
    confidenceText: Type.Optional(Word),
    activityBecquerel: Type.Optional(Type.Number({ minimum: 0 })),
  },
  closed,
);
export type Nuclide = Static<typeof Nuclide>;

/** What makes an occupancy one that the portal did not measure. */
export const NotMeasuredReason = Type.Enum([
  'tamper',
  'high-fault',
  'low-fault',
  'dead-detector',
  'no-neutron-background',
  'other-fault',
]);
export type NotMeasuredReason = Static<typeof NotMeasuredReason>;

export const RadiationRecord = Type.Object(
  {
    id: Type.String({
      pattern: '^[a-z0-9][a-z0-9-]{0,63}$',
      description: 'Unique within the scan; the same if the file is read again',
    }),
    documentId: Type.Optional(
      Type.String({ maxLength: 256, description: 'UUID of the document, if the format has one' }),
    ),
    instrument: RadiationInstrument,
    portal: Type.Optional(Text),
    site: Type.Optional(Text),
    lane: Type.Optional(Text),
    visit: Type.Optional(Visit),
    occupancy: Type.Object(
      {
        number: Type.Optional(Type.Integer({ minimum: 0, description: 'As counted by the portal' })),
        start: Type.Optional(Acquired),
        end: Type.Optional(Acquired),
        ended: Type.Boolean({ description: 'False if the file ends before the occupancy does' }),
        neutronBackground: Type.Optional(
          Type.Number({ minimum: 0, description: 'As stated by the portal at the end of the occupancy' }),
        ),
      },
      closed,
    ),
    speedMetresPerSecond: Type.Optional(Type.Number({ minimum: 0 })),
    detectors: Type.Array(RadiationDetector, { maxItems: radiationLimits.detectors }),
    counts: Type.Array(GrossCounts, { maxItems: radiationLimits.detectors * 5 }),
    profile: Type.Optional(
      Type.Array(RadiationProfile, {
        maxItems: 2,
        description: 'One for each kind of radiation; absent if the file has only sums',
      }),
    ),
    spectra: Type.Array(RadiationSpectrum, { maxItems: radiationLimits.spectra }),
    doseRates: Type.Array(DoseRate, { maxItems: radiationLimits.detectors * 5 }),
    alarms: Type.Array(RadiationAlarm, { maxItems: radiationLimits.alarms }),
    faults: Type.Array(RadiationFault, { maxItems: radiationLimits.alarms }),
    nuclides: Type.Array(Nuclide, { maxItems: 256 }),
    notMeasured: Type.Optional(
      Type.Array(NotMeasuredReason, {
        minItems: 1,
        description: 'Reason why the portal did not measure the occupancy; determined during conversion',
      }),
    ),
  },
  { ...closed, description: 'One occupancy of a radiation portal' },
);
export type RadiationRecord = Static<typeof RadiationRecord>;

/**
 * Alarms that hold a vehicle: all but those that the instrument calls a test. A nuclide that it identified counts where it set
 * no alarm, unless it occurs in nature; special nuclear material and sources of neutrons always count.
 */
export function holdingAlarms({
  alarms,
  nuclides,
}: Pick<RadiationRecord, 'alarms' | 'nuclides'>): readonly RadiationAlarm[] {
  const isUnmarked = (name: string) => alarms.length === 0 && !isNatural(name) && !isNoNuclide(name);
  const counts = (name: string) => isGraveNuclide(name) || isUnmarked(name);
  const found = nuclides.filter(({ name, identified }) => identified !== false && counts(name));
  return [...alarms.filter(({ category }) => category !== 'test'), ...found.map(alarmOfNuclide)];
}

function alarmOfNuclide({ name }: Nuclide): RadiationAlarm {
  return { category: 'isotope', written: name, description: `the portal identified ${name}` };
}

/** A scan with radiation and without an image: nothing for analysts or models. */
export function isRadiationOnly(scan: {
  readonly views: readonly unknown[];
  readonly radiation?: readonly RadiationRecord[];
}): boolean {
  return scan.views.length === 0 && (scan.radiation ?? []).length > 0;
}

import type { NotMeasuredReason, RadiationFault, RadiationRecord } from './radiation.ts';

/**
 * Whether a portal measured the vehicle at all (facts of IAEA practice: tamper, low or high fault, a dead detector or a
 * neutron background of 0 during an occupancy are no measurement). An empty background, as a file without any passage
 * has it, is no occupancy and says nothing.
 */

const ofFault: Readonly<Record<RadiationFault['kind'], NotMeasuredReason | undefined>> = {
  tamper: 'tamper',
  'tamper-cleared': undefined,
  'high-background': 'high-fault',
  'low-background': 'low-fault',
  other: 'other-fault',
};

/** Why the occupancy was not measured, each reason once, in the order in which they are judged; empty where it was. */
export function notMeasuredOf(record: RadiationRecord): readonly NotMeasuredReason[] {
  if (!isOccupied(record)) return [];
  const reasons = new Set(record.faults.filter(isDuring).flatMap(({ kind }) => ofFault[kind] ?? []));
  if (hasDeadDetector(record)) reasons.add('dead-detector');
  if (hasNoNeutronBackground(record)) reasons.add('no-neutron-background');
  return [...reasons];
}

/** Lines of faults between two occupancies alone are none. */
function isOccupied({ occupancy, counts, alarms }: RadiationRecord): boolean {
  return occupancy.ended || alarms.length > 0 || counts.some((one) => one.class === 'foreground');
}

/** A fault of another kind counts where the instrument calls it an error. */
function isDuring({ kind, over, severity }: RadiationFault): boolean {
  if (over === true) return false;
  return kind !== 'other' || /^(fatal|error)$/i.test(severity ?? '');
}

/**
 * A gamma detector that counted nothing at all while the portal was occupied. Neutrons are so few that none in a few
 * seconds is usual; their background tells instead.
 */
function hasDeadDetector({ detectors, counts }: Pick<RadiationRecord, 'detectors' | 'counts'>): boolean {
  const gamma = new Set(detectors.filter(({ kind }) => kind === 'gamma').map(({ id }) => id));
  return counts.some((one) => one.class === 'foreground' && one.counts === 0 && gamma.has(one.detector));
}

/** In this time every neutron detector of a portal counts something, from the sky alone. */
const BACKGROUND_SECONDS = 30;

/** As the portal states it, or, where it does not, as its detectors counted it for long enough. */
function hasNoNeutronBackground({ occupancy, detectors, counts }: RadiationRecord): boolean {
  if (occupancy.neutronBackground !== undefined) return occupancy.neutronBackground === 0;
  const neutron = new Set(detectors.filter(({ kind }) => kind === 'neutron').map(({ id }) => id));
  const background = counts.filter((one) => one.class === 'background' && neutron.has(one.detector));
  const seconds = background.reduce((sum, { liveSeconds = 0 }) => sum + liveSeconds, 0);
  return seconds >= BACKGROUND_SECONDS && background.every((one) => one.counts === 0);
}

import type { RadiationRecord } from '../../../src/core/radiation/radiation.ts';

/** One that ended, with a gamma alarm; `start` is in seconds, none: the lines have no time. */
export function occupancy(
  { number, start, gamma = 330 }: { number?: number; start?: number; gamma?: number },
  more: Partial<RadiationRecord> = {},
): RadiationRecord {
  const utc = start === undefined ? undefined : new Date(Date.UTC(2026, 2, 4, 5, 0, start)).toISOString();
  return {
    id: 'occupancy-1',
    instrument: { components: [] },
    occupancy: {
      ended: true,
      neutronBackground: 2.25,
      ...(number !== undefined && { number }),
      ...(utc !== undefined && { start: { utc, zone: 'stated' as const } }),
    },
    detectors: [{ id: 'gamma-1', kind: 'gamma' }],
    counts: [{ detector: 'gamma-1', class: 'foreground', counts: gamma, samples: 3, maximum: gamma }],
    spectra: [],
    doseRates: [],
    alarms: [{ category: 'gamma' }],
    faults: [],
    nuclides: [],
    ...more,
  };
}

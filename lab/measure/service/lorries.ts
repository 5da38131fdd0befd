import { simulateFiles } from '../../../src/local/simulate.ts';

/** Scans that are sent again and again, each time with another sample. */
const LORRIES = 4;

const lorries = Array.from({ length: LORRIES }, (_, seed) =>
  simulateFiles({
    seed: 20 + seed,
    layout: 'nuctech-fs6000',
    container: '40ft',
    pitchMm: 3.47,
    anomalies: [],
  }),
);

/** Files of a dual-energy scan of 25 MB. One sample of the first channel differs, so that no scan is a copy of another. */
export function lorry(number: number) {
  return (lorries[number % LORRIES] ?? []).map(({ name, bytes }) => {
    if (!name.endsWith('high.img')) return { name, bytes };
    const changed = bytes.slice();
    new DataView(changed.buffer).setUint32(changed.length - 4, number, true);
    return { name, bytes: changed };
  });
}

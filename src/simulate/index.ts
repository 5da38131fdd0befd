import type { ChannelEnergy, ChannelKind } from '../core/scan/channel-kinds.ts';
import type { SimulateLayout } from './files.ts';
import type { SimulatedScan } from './scan.ts';

export { type CargoKind, cargoKinds } from './cargo/index.ts';
export {
  type SimulatedFiles,
  type SimulateFilesOptions,
  type SimulateLayout,
  simulateLayouts,
  simulateToFiles,
  simulateWithFiles,
} from './files.ts';
export { aseFiles } from './layouts/ase.ts';
export type { SimulatedFile } from './layouts/file.ts';
export { nuctechFs6000Files } from './layouts/nuctech-fs6000.ts';
export { numpyFiles } from './layouts/numpy.ts';
export { type ContainerChoice, containerChoices } from './options.ts';
export { simulatedRecord } from './record.ts';
export { type SimulatedScan, simulateScan } from './scan.ts';
export { type AnomalyKind, anomalyKinds } from './scene/anomalies.ts';
export { type SimulatedTrain, simulateTrain, type TrainOptions } from './train.ts';

/** A channel that a layout carries: what it measures, and its samples upright, by row. */
export interface SceneChannel {
  readonly kind: Extract<ChannelKind, 'transmission' | 'class-map'>;
  readonly energy?: ChannelEnergy;
  readonly samples: Uint8Array | Uint16Array;
}

/** What of a simulated scan the files of a layout hold. */
export function channelsInLayout(layout: SimulateLayout, scan: SimulatedScan): readonly SceneChannel[] {
  const high = { kind: 'transmission', energy: 'high', samples: scan.high } as const;
  const low = { kind: 'transmission', energy: 'low', samples: scan.low } as const;
  const material = (samples: Uint8Array | Uint16Array) => ({ kind: 'class-map', samples }) as const;
  switch (layout) {
    case 'ase':
      return [{ ...high, energy: 'single' }];
    case 'ase-three-panel':
      return [high, low, material(Uint16Array.from(scan.material))];
    case 'nuctech-fs6000':
      return [high, low, material(scan.material)];
    case 'numpy':
      return [high, low];
  }
}

export { type CargoKind, cargoKinds } from './cargo/index.ts';
export {
  type SimulatedFiles,
  type SimulateFilesOptions,
  type SimulateLayout,
  simulateLayouts,
  simulateToFiles,
  simulateWithFiles,
} from './files.ts';
export { channelsInLayout, type SceneChannel } from './layout-channels.ts';
export { aseFiles } from './layouts/ase.ts';
export type { SimulatedFile } from './layouts/file.ts';
export { nuctechFs6000Files } from './layouts/nuctech-fs6000.ts';
export { numpyFiles } from './layouts/numpy.ts';
export { type ContainerChoice, containerChoices } from './options.ts';
export { simulatedRecord } from './record.ts';
export { type SimulatedScan, simulateScan } from './scan.ts';
export { type AnomalyKind, anomalyKinds } from './scene/anomalies.ts';
export { type SimulatedTrain, simulateTrain, type TrainOptions } from './train.ts';

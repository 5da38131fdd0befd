import type { CargoKind } from './cargo/index.ts';
import type { Detector } from './physics/detector.ts';
import type { AnomalyKind } from './scene/anomalies.ts';

export const containerChoices = ['20ft', '40ft', '2x20ft'] as const;
export type ContainerChoice = (typeof containerChoices)[number];

/** What can be asked for; whatever is left out is drawn from the seed. */
export interface SimulateOptions {
  /** 0 to 4,294,967,295. The same options give the same bytes. */
  readonly seed: number;
  /** Between the centres of neighbouring samples, both ways; 2 to 40 mm. */
  readonly pitchMm: number;
  readonly container?: ContainerChoice;
  /** One kind for all containers, or one for each. */
  readonly cargo?: CargoKind | readonly CargoKind[];
  /** Hidden in the first container, or in that of the index given. */
  readonly anomalies?: readonly (AnomalyKind | { readonly kind: AnomalyKind; readonly container: number })[];
  readonly tractor?: boolean;
  /** What carries the container; a wagon carries one of 40 feet. A truck unless given. */
  readonly vehicle?: 'truck' | 'wagon';
  /** Between two containers on one chassis; 76 mm unless given, as twist locks have it. */
  readonly gapMm?: number;
  /** An empty band across the middle of each load, as between two rows of pallets; none unless given. */
  readonly loadGapMm?: number;
  /** Parts of the scanner's state to fix. */
  readonly detector?: Partial<Detector>;
}

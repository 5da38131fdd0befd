import { NiiError } from '../core/errors.ts';
import { ASE_PITCH_MM, aseFiles } from './layouts/ase.ts';
import type { SimulatedFile } from './layouts/file.ts';
import { type Fs6000Options, nuctechFs6000Files } from './layouts/nuctech-fs6000.ts';
import { numpyFiles } from './layouts/numpy.ts';
import type { SimulateOptions } from './options.ts';
import { type SimulatedScan, simulateScan } from './scan.ts';

/** Vendor layouts that a simulated scan can be written in. */
export const simulateLayouts = ['nuctech-fs6000', 'ase', 'ase-three-panel', 'numpy'] as const;
export type SimulateLayout = (typeof simulateLayouts)[number];

const DEFAULT_PITCH_MM = 11;

export interface SimulateFilesOptions extends Omit<SimulateOptions, 'pitchMm'> {
  readonly layout: SimulateLayout;
  /** 11 mm unless given; fixed for the layouts with 544 detectors. */
  readonly pitchMm?: number;
  /** Name of the files without their ending; from layout and seed unless given. */
  readonly stem?: string;
  readonly fs6000?: Fs6000Options;
}

export interface SimulatedFiles {
  readonly scan: SimulatedScan;
  readonly files: readonly SimulatedFile[];
}

/** Simulates one scan and writes it as the scanner of that layout would; the same options give the same bytes. */
export function simulateToFiles(options: SimulateFilesOptions): readonly SimulatedFile[] {
  return simulateWithFiles(options).files;
}

/** As `simulateToFiles`, with the scan, whose mask and units say what is in the files. */
export function simulateWithFiles(options: SimulateFilesOptions): SimulatedFiles {
  const { layout, stem = `sim-${layout}-${options.seed}`, fs6000 = {}, ...wanted } = options;
  const scan = simulateScan({ ...wanted, pitchMm: pitchFor(layout, options.pitchMm) });
  return { scan, files: write(layout, scan, stem, fs6000) };
}

function pitchFor(layout: SimulateLayout, wanted: number | undefined): number {
  const fixed = layout === 'ase' || layout === 'ase-three-panel';
  return fixed ? ASE_PITCH_MM : (wanted ?? DEFAULT_PITCH_MM);
}

function write(
  layout: SimulateLayout,
  scan: SimulatedScan,
  stem: string,
  fs6000: Fs6000Options,
): readonly SimulatedFile[] {
  switch (layout) {
    case 'nuctech-fs6000':
      return nuctechFs6000Files(scan, stem, fs6000);
    case 'ase':
      return aseFiles(scan, stem, { panels: 1 });
    case 'ase-three-panel':
      return aseFiles(scan, stem, { panels: 3 });
    case 'numpy':
      return numpyFiles(scan, stem);
    default:
      throw new NiiError('NII_BAD_REQUEST', {
        detail: `Layouts are: ${simulateLayouts.join(', ')}`,
        field: 'layout',
      });
  }
}

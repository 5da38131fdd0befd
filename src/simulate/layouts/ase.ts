import { NiiError } from '../../core/errors.ts';
import type { SimulatedScan } from '../scan.ts';
import { type SimulatedFile, utf16le } from './file.ts';

/** Detectors of one panel. */
const ASE_PANEL = 544;
/** The pitch at which a panel covers the height of a scene. */
export const ASE_PITCH_MM = 4600 / ASE_PANEL;

const HEADER_BYTES = 16;
const OPAQUE_BYTES = 48;
const ONE_PANEL = 2;
const THREE_PANELS = 3;

export interface AseOptions {
  /** 1: the high energy alone. 3: low, high and material side by side. */
  readonly panels?: 1 | 3;
}

/**
 * A scan as one `.ase` file in the layout seen in real files: little-endian header of 16 bytes, lines of one
 * panel or three, 48 bytes of unknown meaning (zeros here), UTF-16LE XML. Portrait: a quarter turn
 * counter-clockwise makes it upright. NII_BAD_REQUEST for a scan that is not 544 rows high.
 */
export function aseFiles(
  scan: SimulatedScan,
  stem: string,
  { panels = 1 }: AseOptions = {},
): SimulatedFile[] {
  if (scan.rows !== ASE_PANEL) {
    throw new NiiError('NII_BAD_REQUEST', {
      detail: `This layout has ${ASE_PANEL} rows of detectors: choose a pitch of 4600/${ASE_PANEL} mm`,
      field: 'pitchMm',
    });
  }
  const images = panels === 1 ? [scan.high] : [scan.low, scan.high, Uint16Array.from(scan.material)];
  const header = new DataView(new ArrayBuffer(HEADER_BYTES));
  header.setUint32(0, 0x494d0000, false);
  header.setUint16(4, ASE_PANEL * panels, true);
  header.setUint16(6, scan.columns, true);
  header.setUint16(8, panels === 1 ? ONE_PANEL : THREE_PANELS, true);
  header.setUint16(12, 2, true);
  const parts = [
    new Uint8Array(header.buffer),
    lines(scan, images),
    new Uint8Array(OPAQUE_BYTES),
    utf16le(metadata(scan), false),
  ];
  return [{ name: `${stem}.ase`, bytes: new Uint8Array(Buffer.concat(parts)) }];
}

/** One line per column of the picture, its bottom detector first. */
function lines({ rows, columns }: SimulatedScan, images: readonly Uint16Array[]): Uint8Array {
  const width = rows * images.length;
  const bytes = new Uint8Array(width * columns * 2);
  const view = new DataView(bytes.buffer);
  images.forEach((image, panel) => {
    for (let column = 0; column < columns; column++) {
      for (let row = 0; row < rows; row++) {
        const x = panel * rows + (rows - 1 - row);
        view.setUint16(2 * (column * width + x), image[row * columns + column] ?? 0, true);
      }
    }
  });
  return bytes;
}

function metadata(scan: SimulatedScan): string {
  const numbers = scan.units.map(({ container }) => container).join(',');
  const value = Buffer.from(numbers, 'utf8').toString('base64');
  return `<Metadata><Items><Item><Value>${value}</Value><Name>ContainerInfo</Name></Item></Items></Metadata>`;
}

import type { SimulatedScan } from '../scan.ts';
import { escapeXml, type SimulatedFile, utf16le } from './file.ts';

/** What goes wrong with such files in the field, to be switched on. */
export interface Fs6000Options {
  /** False: no material file, as in about one scan of seven. */
  readonly material?: boolean;
  /** Bytes of the low channel that have been written so far. */
  readonly truncateLowTo?: number;
  /** The encoding the XML claims; it is UTF-16 whatever it says. */
  readonly declaredEncoding?: string;
  /** The lorry's plate in the field for the ship's name. */
  readonly plateAsVessel?: string;
  /** A bare & in the description. */
  readonly bareAmpersand?: boolean;
}

const HEADER_BYTES = 36;

/**
 * A scan as `{stem}high.img`, `{stem}low.img`, `{stem}material.img` and `{stem}.xml`, in the layout observed in
 * code that reads such files (big-endian header of 36 bytes, rows upside down, UTF-16 XML). No JPEG previews.
 */
export function nuctechFs6000Files(
  scan: SimulatedScan,
  stem: string,
  options: Fs6000Options = {},
): SimulatedFile[] {
  const high = image(scan, 16, bigEndian(flipped(scan, scan.high)));
  const low = image(scan, 16, bigEndian(flipped(scan, scan.low)));
  const material = image(scan, 8, flipped(scan, scan.material));
  return [
    { name: `${stem}high.img`, bytes: high },
    { name: `${stem}low.img`, bytes: low.subarray(0, options.truncateLowTo ?? low.length) },
    ...(options.material === false ? [] : [{ name: `${stem}material.img`, bytes: material }]),
    { name: `${stem}.xml`, bytes: utf16le(metadata(scan, stem, options), true) },
  ];
}

function image(scan: SimulatedScan, bits: 8 | 16, pixels: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + pixels.length);
  const view = new DataView(bytes.buffer);
  const time = new Date(scan.acquired);
  const words: readonly (readonly [offset: number, value: number])[] = [
    [0, 100],
    [2, scan.columns],
    [4, scan.rows],
    [6, 1],
    [8, 1],
    [10, 0xffff],
    [14, bits],
    [16, 1],
    [24, time.getUTCFullYear()],
    [26, time.getUTCMonth() + 1],
    [28, time.getUTCDate()],
    [30, time.getUTCHours()],
    [32, time.getUTCMinutes()],
    [34, time.getUTCSeconds()],
  ];
  for (const [offset, value] of words) view.setUint16(offset, value, false);
  bytes.set(pixels, HEADER_BYTES);
  return bytes;
}

/** Last row first: turned over for display, the picture stands upright. */
function flipped<T extends Uint8Array | Uint16Array>({ rows, columns }: SimulatedScan, samples: T): T {
  const out = samples.slice();
  for (let row = 0; row < rows; row++) {
    out.set(samples.subarray(row * columns, (row + 1) * columns), (rows - 1 - row) * columns);
  }
  return out as T; // slice() of a typed array is of the same type
}

function bigEndian(samples: Uint16Array): Uint8Array {
  const bytes = new Uint8Array(samples.length * 2);
  const view = new DataView(bytes.buffer);
  samples.forEach((value, i) => {
    view.setUint16(2 * i, value, false);
  });
  return bytes;
}

function metadata(scan: SimulatedScan, stem: string, options: Fs6000Options): string {
  const time = scan.acquired.replace('T', ' ').replace('Z', '');
  const goods = escapeXml(scan.description);
  const fields: readonly (readonly [name: string, text: string])[] = [
    ['PICNO', stem],
    ['UNITID', 'SIM-FS-01'],
    ['CHECKINTIME', time],
    ['SCANTIME', time],
    ['OPERATORID', 'OP-07'],
    ['TYPE', ''],
    ['container_no', scan.units.map(({ container }) => container).join(',')],
    ['name_vessel', escapeXml(options.plateAsVessel ?? 'MV SIMULATION')],
    ['g_v_no', String(scan.seed)],
    ['descripion_of_goods', options.bareAmpersand ? `${goods} & PARTS` : goods],
    ['shipping_company', 'NII SIMULATED LINES'],
    ['consignee', 'EXAMPLE IMPORTS'],
  ];
  const body = fields.map(([name, text]) => `    <${name}>${text}</${name}>`).join('\r\n');
  const declared = options.declaredEncoding ?? 'UTF-16';
  return `<?xml version="1.0" encoding="${declared}"?>\r\n<IDR>\r\n  <IDR_IMAGE>\r\n${body}\r\n  </IDR_IMAGE>\r\n</IDR>\r\n`;
}

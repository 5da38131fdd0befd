import { fromDifferences } from '../../../core/samples/differences.ts';
import { sideOfLevel } from '../../../core/samples/reduce.ts';
import type { ScanRecord } from '../../api/client.ts';
import { pageHeader, Rejected } from '../../api/client.ts';
import type { Region, Samples } from '../../viewer/plane.ts';

export type View = ScanRecord['views'][number];
export type Channel = View['channels'][number];

/** Whether its samples can be windowed on the page: one unsigned integer of 8 or 16 bits a pixel. */
export function canWindow({ samplesPerPixel, sampleFormat, bitsAllocated, frames }: Channel): boolean {
  const isWhole = sampleFormat === 'unsigned' && (bitsAllocated === 8 || bitsAllocated === 16);
  return samplesPerPixel === 1 && frames === 1 && isWhole;
}

const partsOf = (path: readonly (string | number)[]) =>
  path.map((part) => encodeURIComponent(part)).join('/');

export interface Place {
  readonly scanId: string;
  readonly revision: number;
  readonly view: string;
}

async function ask(
  { scanId, revision, view }: Place,
  channel: Channel,
  query: string,
  signal: AbortSignal,
): Promise<Response> {
  const url = `/v1/scans/${partsOf([scanId])}/revisions/${revision}/channels/${partsOf([view, channel.id])}/samples${query}`;
  const response = await fetch(url, {
    signal,
    credentials: 'same-origin',
    // the policy may mask what this browser has kept
    cache: 'no-cache',
    headers: { 'nii-page': pageHeader() },
  });
  if (!response.ok || response.body === null)
    throw new Rejected(response.status, 'SAMPLES', await response.text());
  return response;
}

/** The rows and columns of one level of a channel. */
export function wholeLevel({ rows, columns }: Channel, level: number): Region {
  return { row: 0, column: 0, rows: sideOfLevel(rows, level), columns: sideOfLevel(columns, level) };
}

/**
 * A region of a level, packed on its way.
 * @param onCarried - with how long the line took to carry it, once the service had begun to answer
 * @throws Rejected
 */
export async function loadRegion(
  place: Place,
  channel: Channel,
  level: number,
  { row, column, rows, columns }: Region,
  signal: AbortSignal,
  onCarried: (ms: number) => void = () => {},
): Promise<Samples> {
  const query = `?level=${level}&rows=${row}-${row + rows}&columns=${column}-${column + columns}&as=differences`;
  const response = await ask(place, channel, query, signal);
  const began = performance.now();
  const bytes = new Uint8Array(await response.arrayBuffer());
  onCarried(performance.now() - began);
  return fromDifferences(bytes, { rows, columns, bits: channel.bitsAllocated === 8 ? 8 : 16 });
}

/**
 * All samples as they are stored, which a quick line carries sooner than packed ones are made.
 * @param onProgress - with the share that has come, from 0 to 1
 * @throws Rejected
 */
export async function loadWhole(
  place: Place,
  channel: Channel,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<Samples> {
  const response = await ask(place, channel, '', signal);
  const bytes = new Uint8Array(channel.bytes);
  let at = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done || value === undefined) break;
    if (at + value.length > bytes.length)
      throw new Rejected(0, 'SAMPLES', 'More samples came than the record says');
    bytes.set(value, at);
    at += value.length;
    onProgress(at / bytes.length);
  }
  if (at !== bytes.length) throw new Rejected(0, 'SAMPLES', 'Fewer samples came than the record says');
  return channel.bitsAllocated === 8 ? bytes : new Uint16Array(bytes.buffer);
}

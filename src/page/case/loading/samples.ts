import type { ScanRecord } from '../../api/client.ts';
import { pageHeader, Rejected } from '../../api/client.ts';

export type View = ScanRecord['views'][number];
export type Channel = View['channels'][number];

/** All samples of a channel, as the scanner measured them. */
export interface LoadedChannel {
  readonly channel: Channel;
  readonly samples: Uint8Array | Uint16Array;
}

/** Whether its samples can be windowed on the page: one unsigned integer of 8 or 16 bits a pixel. */
export function canWindow({ samplesPerPixel, sampleFormat, bitsAllocated, frames }: Channel): boolean {
  const isWhole = sampleFormat === 'unsigned' && (bitsAllocated === 8 || bitsAllocated === 16);
  return samplesPerPixel === 1 && frames === 1 && isWhole;
}

const partsOf = (path: readonly (string | number)[]) =>
  path.map((part) => encodeURIComponent(part)).join('/');

/**
 * Reads all samples once; everything after that happens in the browser.
 * @param onProgress - with the share that has come, from 0 to 1
 * @throws Rejected
 */
export async function loadChannel(
  place: { readonly scanId: string; readonly revision: number; readonly view: string },
  channel: Channel,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<LoadedChannel> {
  const { scanId, revision, view } = place;
  const url = `/v1/scans/${partsOf([scanId])}/revisions/${revision}/channels/${partsOf([view, channel.id])}/samples`;
  const response = await fetch(url, {
    signal,
    credentials: 'same-origin',
    headers: { 'nii-page': pageHeader() },
  });
  if (!response.ok || response.body === null)
    throw new Rejected(response.status, 'SAMPLES', await response.text());
  const bytes = new Uint8Array(channel.bytes);
  let at = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (at + value.length > bytes.length)
      throw new Rejected(0, 'SAMPLES', 'More samples came than the record says');
    bytes.set(value, at);
    at += value.length;
    onProgress(at / bytes.length);
  }
  if (at !== bytes.length) throw new Rejected(0, 'SAMPLES', 'Fewer samples came than the record says');
  return { channel, samples: channel.bitsAllocated === 8 ? bytes : new Uint16Array(bytes.buffer) };
}

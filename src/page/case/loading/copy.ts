import { channelKinds } from '../../../core/scan/channel-kinds.ts';
import type { ScanRecord } from '../../api/client.ts';
import type { Samples } from '../../viewer/plane.ts';
import { HandOver } from './hand-over.ts';
import { type Channel, canWindow, loadRegion, type Place, wholeLevel } from './samples.ts';

/** The first copy of a channel, which is what there is to look at until its samples are there. */
export interface Copy {
  readonly level: number;
  readonly samples: Samples;
  /** How long the line took to carry it, once the service had begun to answer. */
  readonly carriedMs: number;
}

/** A channel of more bytes is never held as a whole. */
const MOST_HELD_BYTES = 96 * 2 ** 20;
/** The first copy has no more samples than that, so that it is there at once. */
const COPY_SAMPLES = 2 ** 18;

export const isLarge = ({ bytes }: Channel) => bytes > MOST_HELD_BYTES;

/** Transmission of the highest energy first: that is what is read first. */
export function inOrder(channels: readonly Channel[]): readonly Channel[] {
  const rank = ({ kind, energy }: Channel) =>
    channelKinds[kind].isPreviewedFirst ? (energy === 'low' ? 1 : 0) : 2;
  return channels.filter(canWindow).toSorted((a, b) => rank(a) - rank(b));
}

/** The least level with no more samples than that. */
export function levelOfCopy({ rows, columns }: Channel, most: number): number {
  return Math.max(0, Math.ceil(Math.log2((rows * columns) / most) / 2));
}

/** @throws Rejected */
export async function loadCopyOf(place: Place, channel: Channel, signal: AbortSignal): Promise<Copy> {
  const level = levelOfCopy(channel, COPY_SAMPLES);
  let carriedMs = 0;
  const samples = await loadRegion(place, channel, level, wholeLevel(channel, level), signal, (ms) => {
    carriedMs = ms;
  });
  return { level, samples, carriedMs };
}

const early = new HandOver<Promise<Copy | undefined>>();

const nameOf = ({ scanId, revision, view }: Place, { id }: Channel) =>
  JSON.stringify([scanId, String(revision), view, id]);

/** What a case opens with is asked for as soon as its record is there, before the page of the case is laid out. */
export function beginCopy(of: Omit<Place, 'view'>, { views: [view] }: Pick<ScanRecord, 'views'>): void {
  const [channel] = inOrder(view?.channels ?? []);
  if (view === undefined || channel === undefined || isLarge(channel)) return;
  const place = { ...of, view: view.id };
  const copy = loadCopyOf(place, channel, new AbortController().signal).catch(() => undefined);
  early.keep(nameOf(place, channel), copy);
}

/** What was begun a moment ago, once; undefined where nothing was, or it did not come. */
export function takeEarlyCopy(place: Place, channel: Channel): Promise<Copy | undefined> | undefined {
  return early.take(nameOf(place, channel));
}

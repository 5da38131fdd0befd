import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Archive, isHistory } from './folder.ts';

/** A recovery to an earlier time begins a new timeline. Here one timeline ended and the next began. */
interface Switch {
  readonly timeline: number;
  /** Position in the log, in bytes. */
  readonly at: bigint;
}

/** A timeline with those that it came from, the oldest first. */
export interface Timeline {
  readonly number: number;
  readonly ancestors: readonly Switch[];
}

const SEGMENT_BYTES = 16n * 1024n * 1024n;

/** PostgreSQL writes a position as two hexadecimal numbers: `0/16B3740`. */
export function positionOf(text: string): bigint {
  const [high = '0', low = '0'] = text.split('/');
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}

export function segmentAt(position: bigint): number {
  return Number(position / SEGMENT_BYTES);
}

export interface Segment {
  readonly timeline: number;
  readonly number: number;
}

/** The timeline and number in a segment's name, or undefined for other files. */
export function parseSegment(name: string): Segment | undefined {
  const [, timeline, high, low] = /^([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})$/.exec(name) ?? [];
  if (timeline === undefined) return undefined;
  return { timeline: hex(timeline), number: hex(high) * 256 + hex(low) };
}

function hex(text: string | undefined): number {
  return Number.parseInt(text ?? '', 16);
}

export function formatSegment({ timeline, number }: Segment): string {
  return [timeline, Math.floor(number / 256), number % 256]
    .map((part) => part.toString(16).toUpperCase().padStart(8, '0'))
    .join('');
}

export async function segmentsIn({ wal }: Archive): Promise<readonly Segment[]> {
  return (await readdir(wal)).flatMap((name) => parseSegment(name.replace(/\.gz$/, '')) ?? []);
}

/** The newest timeline of the archive, or the one with this number. The first has no history. */
export async function findTimeline({ wal }: Archive, wanted?: number): Promise<Timeline | undefined> {
  const known = (await readdir(wal)).filter(isHistory).map((name) => hex(name.slice(0, 8)));
  const number = wanted ?? Math.max(1, ...known);
  if (number === 1) return { number, ancestors: [] };
  if (!known.includes(number)) return undefined;
  const name = `${number.toString(16).toUpperCase().padStart(8, '0')}.history`;
  return { number, ancestors: parseHistory(await readFile(join(wal, name), 'utf8')) };
}

/** Each line is a timeline, the position at which it ended, and why. */
export function parseHistory(text: string): readonly Switch[] {
  return [...text.matchAll(/^\s*([0-9]+)\s+([0-9A-F]+\/[0-9A-F]+)/gm)].map(([, timeline, at = '']) => ({
    timeline: Number(timeline),
    at: positionOf(at),
  }));
}

/** Whether the timeline goes through this position of a timeline. */
export function passesThrough({ number, ancestors }: Timeline, { timeline, at }: Switch): boolean {
  return number === timeline || ancestors.some((end) => end.timeline === timeline && at <= end.at);
}

/** The first segment that is missing from this one to the last of the timeline, or undefined. */
export function findGap(
  { number, ancestors }: Timeline,
  segments: readonly Segment[],
  first: number,
): Segment | undefined {
  const own = new Set([number, ...ancestors.map(({ timeline }) => timeline)]);
  const there = new Set(segments.flatMap((one) => (own.has(one.timeline) ? one.number : [])));
  const last = lastSegment({ number, ancestors }, segments);
  for (let at = first; at <= last; at += 1) if (!there.has(at)) return { timeline: number, number: at };
  return undefined;
}

/** The number of the newest archived segment; one that was not archived before the timeline ended does not count. */
export function lastSegment({ number, ancestors }: Timeline, segments: readonly Segment[]): number {
  const own = segments.flatMap((one) => (one.timeline === number ? one.number : []));
  const begin = ancestors.at(-1)?.at;
  return Math.max(begin === undefined ? 0 : segmentAt(begin) - 1, ...own);
}

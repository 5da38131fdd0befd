import { compareFrame } from '../fuzz/frames.ts';
import type { Part, SliceResult, SliceTask } from './part.ts';

const TELL_MS = 10_000;
const FAULTS_CEILING = 20;
/** More than a slice can compare. */
const FRAMES_CEILING = 100_000_000;

/** Our JPEG Lossless against libjpeg, frame by frame, each slice from where the last one stopped. */
export const codec: Part = {
  name: 'codec',
  summary: 'JPEG Lossless of ours against that of libjpeg',
  unit: 'frames',
  slice: compareFrames,
};

async function compareFrames({ seed, seconds, cursor, progress }: SliceTask): Promise<SliceResult> {
  const from = Number.isSafeInteger(cursor) ? Number(cursor) : 0;
  const until = Date.now() + seconds * 1000;
  let toldAt = Date.now();
  const faults: string[] = [];
  let count = 0;
  while (count < FRAMES_CEILING && Date.now() < until && faults.length < FAULTS_CEILING) {
    const fault = await compareFrame(Math.imul(seed, 0x9e3779b1) + from + count);
    count += 1;
    if (fault !== undefined) faults.push(fault);
    if (Date.now() - toldAt < TELL_MS) continue;
    toldAt = Date.now();
    progress(`${count} frames, ${faults.length} faults`);
  }
  return { count, faults, cursor: from + count };
}

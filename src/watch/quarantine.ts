import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { moveBelow } from './move.ts';
import type { WatchOptions } from './options.ts';
import type { Rejection } from './send/outcome.ts';
import type { SeenFile } from './tracker.ts';

/** What a person can do about it. */
const nextSteps: Readonly<Record<string, string>> = {
  NII_UNKNOWN_FORMAT:
    'Check that all files of the scan are there. An unknown layout needs a converter; --send-unknown lets the service decide.',
  NII_AMBIGUOUS_FORMAT: 'Remove one of the converters that the detail names.',
  NII_LIMIT_BYTES: 'Ask the service administrator to raise NII_LIMIT_UPLOAD_BYTES, then put the file back.',
  NII_LIMIT_FILES: 'Ask the service administrator to raise NII_LIMIT_UPLOAD_FILES, then put the file back.',
  NII_MALFORMED: 'Export the scan again at the scanner.',
  NII_TRUNCATED: 'Copy the file again from the scanner: this copy is incomplete.',
};

/** Beside a file that is set aside, as `<name>.reason.json`. */
export interface Reason extends Rejection {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly at: string;
  readonly next: string;
}

/**
 * Sets a file aside with the reason, which is written first. Where nothing is to be moved, only the reason is written.
 * @returns where the reason is; undefined: the file has changed, and is looked at again
 */
export async function setAside(
  { keep, quarantineDir }: Pick<WatchOptions, 'keep' | 'quarantineDir'>,
  seen: SeenFile,
  reason: Omit<Reason, 'next' | 'file' | 'bytes'>,
): Promise<string | undefined> {
  const next = nextSteps[reason.code] ?? `docs/reference/errors.md says what to do about ${reason.code}.`;
  const whole: Reason = { file: seen.name, bytes: seen.bytes, ...reason, next };
  const expected = join(quarantineDir, `${seen.name}.reason.json`);
  await write(expected, whole);
  if (keep) return expected;
  const moved = await moveBelow(quarantineDir, seen);
  if (moved === undefined) return undefined;
  const beside = `${moved}.reason.json`;
  if (beside !== expected) await write(beside, whole);
  return beside;
}

async function write(path: string, reason: Reason): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.part`, `${JSON.stringify(reason, null, 2)}\n`);
  await rename(`${path}.part`, path);
}

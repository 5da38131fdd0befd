import { createReadStream } from 'node:fs';
import { sha256Hex } from '../../codec/sha256.ts';
import type { Actor } from '../../core/access.ts';
import { NiiError } from '../../core/errors.ts';
import type { ByteRange } from '../../core/ports/objects.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Transactions } from '../../core/ports/transactions.ts';
import { type Lines, maskedLines } from '../../core/scan/cab.ts';
import { type Channel, channelsOf, planeKey } from '../../core/scan/scan.ts';
import { storedParts } from '../../stored/parts.ts';
import { getRevision, type RevisionTx } from '../read.ts';
import { nameOfLines, type PlaneFiles } from './plane-files.ts';

export interface Samples {
  readonly channel: Channel;
  /** SHA-256 of the bytes; of masked ones a hash that names the channel and what is masked. */
  readonly sha256: string | undefined;
  /** Lines in which every sample has one value, and none was measured. */
  readonly masked: readonly Lines[];
  /** The file that they are in. */
  readonly path: string;
  /** The bytes, or some of them, in pieces: of a train there are more than fit into memory. */
  readonly open: (range?: ByteRange) => AsyncIterable<Uint8Array>;
}

export interface ReadSamplesDeps {
  readonly records: Transactions<RevisionTx & Tx<'audit'>>;
  readonly planes: PlaneFiles;
}

const PIECE_BYTES = 256 * 1024;

/** The samples of one channel: little-endian, row-major, no padding; as the scanner measured them, without what the policy masks. */
export async function readSamples(
  deps: ReadSamplesDeps,
  actor: Actor,
  scanId: string,
  revision: number | 'latest',
  view: string,
  channel: string,
): Promise<Samples> {
  const { revision: row, objects, mask } = await getRevision(deps, actor, scanId, revision, 'samples');
  const found =
    row.scan === undefined
      ? undefined
      : channelsOf(row.scan).find((one) => one.key === planeKey(view, channel));
  if (found === undefined) throw new NiiError('NII_NOT_FOUND', 'This revision does not have this channel');
  const parts = storedParts(row, objects, view, found.channel);
  const masked = maskedLines(mask, view, found.channel);
  const path = await deps.planes.pathOf(found.channel, parts, actor.keyId, masked);
  return {
    channel: found.channel,
    path,
    sha256: nameOf(found.channel, masked),
    masked,
    open: ({ first, last } = { first: 0, last: found.channel.bytes - 1 }) =>
      createReadStream(path, { start: first, end: last, highWaterMark: PIECE_BYTES }),
  };
}

function nameOf({ sha256 }: Channel, masked: readonly Lines[]): string | undefined {
  if (sha256 === undefined || masked.length === 0) return sha256;
  return sha256Hex(Buffer.from([sha256, ...masked.map(nameOfLines)].join(' ')));
}

import { latin1 } from '../../codec/bytes.ts';
import type { Sdk } from '../../sdk/sdk.ts';
import type { Chunks } from '../schema/field.ts';
import { bytesOfType, numberAt } from './number.ts';
import { bytesOf, partOf, type Region } from './region.ts';

const CHUNKS_CEILING = 4096;

export interface Chunk {
  readonly tag: string;
  readonly data: Region;
}

/**
 * Walks a row of tag, length and data. Fewer bytes behind the last one than a chunk's head takes are left alone.
 * @throws NII_TRUNCATED for a length beyond the end, NII_MALFORMED for an impossible one
 */
export function chunksIn(region: Region, from: number, layout: Chunks, sdk: Sdk): readonly Chunk[] {
  const chunks: Chunk[] = [];
  const headBytes = tagBytes(layout) + bytesOfType(layout.length);
  let at = from;
  while (region.size - at >= headBytes) {
    if (chunks.length >= CHUNKS_CEILING) {
      throw sdk.error('NII_MALFORMED', `${region.name}: the file has more than ${CHUNKS_CEILING} chunks`, at);
    }
    const chunk = chunkAt(region, at, layout, headBytes, sdk);
    chunks.push(chunk);
    if (chunk.tag === layout.end) break;
    at = aligned(chunk.data.start - region.start + chunk.data.size, layout.align ?? 1);
  }
  return chunks;
}

function tagBytes({ tag }: Chunks): number {
  return typeof tag === 'string' ? bytesOfType(tag) : tag.text;
}

function chunkAt(region: Region, at: number, layout: Chunks, headBytes: number, sdk: Sdk): Chunk {
  const lengthFirst = layout.lengthFirst === true;
  const tagAt = lengthFirst ? at + bytesOfType(layout.length) : at;
  const lengthAt = lengthFirst ? at : at + tagBytes(layout);
  const stated = Number(numberAt(region, lengthAt, layout.length, sdk));
  const length = layout.lengthCounts === 'chunk' ? stated - headBytes : stated;
  if (!Number.isSafeInteger(length) || length < 0) {
    throw sdk.error(
      'NII_MALFORMED',
      `${region.name}: invalid chunk length of ${length} bytes`,
      region.start + lengthAt,
    );
  }
  return { tag: tagOf(region, tagAt, layout, sdk), data: partOf(region, at + headBytes, length, sdk) };
}

function tagOf(region: Region, at: number, { tag }: Chunks, sdk: Sdk): string {
  return typeof tag === 'string'
    ? String(numberAt(region, at, tag, sdk))
    : latin1(bytesOf(region, at, tag.text, sdk));
}

function aligned(offset: number, to: number): number {
  return Math.ceil(offset / to) * to;
}

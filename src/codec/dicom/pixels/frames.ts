import { startsWith } from '../../bytes.ts';
import type { Encapsulated } from '../data-set.ts';
import { dicomError } from '../dicom-error.ts';

const itemHeaderBytes = 8;
/** Start of image with the marker behind it (JPEG, JPEG-LS); start of codestream with its size (JPEG 2000). */
const startMarkers = [
  [0xff, 0xd8, 0xff],
  [0xff, 0x4f, 0xff, 0x51],
];

/**
 * The compressed streams, one a frame, fragments joined: by the basic offset table where there is one, else one
 * fragment a frame, else each stream begins at its JPEG or JPEG 2000 start marker (PS3.5 A.4). With an extended offset
 * table each frame is one fragment, so that table is not needed.
 * @throws NII_MALFORMED when the fragments do not make up that many frames
 */
export function framesOf(encapsulated: Encapsulated, frames: number, name: string): readonly Uint8Array[] {
  const { fragments } = encapsulated;
  const starts = frameStarts(encapsulated, frames, name);
  if (starts.length !== frames || starts[0] !== 0) {
    const detail = `${fragments.length} fragments do not make up ${frames} frames`;
    throw dicomError('NII_MALFORMED', name, detail);
  }
  return starts.map((start, i) => joined(fragments.slice(start, starts[i + 1])));
}

/** Index of the first fragment of each frame. */
function frameStarts({ offsets, fragments }: Encapsulated, frames: number, name: string): readonly number[] {
  if (fragments.length === 0) return [];
  if (frames === 1) return [0];
  if (fragments.length === frames) return fragments.map((_, i) => i);
  return offsets.length > 0 ? startsByTable(offsets, fragments, name) : startsByMarker(fragments);
}

function startsByTable(
  offsets: readonly number[],
  fragments: readonly Uint8Array[],
  name: string,
): readonly number[] {
  const byOffset = new Map<number, number>();
  let at = 0;
  for (const [i, fragment] of fragments.entries()) {
    byOffset.set(at, i);
    at += itemHeaderBytes + fragment.length;
  }
  return offsets.map((offset, i) => {
    const start = byOffset.get(offset);
    if (start !== undefined && (i === 0 || offset > (offsets[i - 1] ?? 0))) return start;
    throw dicomError(
      'NII_MALFORMED',
      name,
      `the offset table points to byte ${offset}, where no fragment begins`,
    );
  });
}

function startsByMarker(fragments: readonly Uint8Array[]): readonly number[] {
  return fragments.flatMap((fragment, i) =>
    startMarkers.some((marker) => startsWith(fragment, marker)) ? [i] : [],
  );
}

function joined(fragments: readonly Uint8Array[]): Uint8Array {
  return fragments.length === 1 && fragments[0] !== undefined ? fragments[0] : Buffer.concat(fragments);
}

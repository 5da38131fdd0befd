import { latin1, startsWith } from '../bytes.ts';

const zipMagic = [0x50, 0x4b, 0x03, 0x04];
const emptyZipMagic = [0x50, 0x4b, 0x05, 0x06];
/** Offset of `ustar` (POSIX.1-1988, section 10.1.1). */
const TAR_MAGIC_AT = 257;

/** True for a ZIP file, an empty one too. */
export function isZip(head: Uint8Array): boolean {
  return startsWith(head, zipMagic) || startsWith(head, emptyZipMagic);
}

/** True for a ZIP or TAR file, by its first 4 KiB. */
export function isArchive(head: Uint8Array): boolean {
  return isZip(head) || latin1(head.subarray(TAR_MAGIC_AT, TAR_MAGIC_AT + 5)) === 'ustar';
}

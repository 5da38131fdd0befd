import { sha256Hex } from '../codec/sha256.ts';

/**
 * Identifiers come from content, never from chance or the clock: a step that runs twice names the same things.
 */

export { sha256Hex };

/** Of named values, so that no two different lists of values read the same. */
export function sha256OfFields(...fields: readonly string[]): string {
  return sha256Hex(JSON.stringify(fields));
}

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** 130 bits of a SHA-256 as 26 characters that are hard to misread (Crockford's base 32, lower case). */
function shortId(hex: string): string {
  let value = BigInt(`0x${hex}`) >> 126n;
  let text = '';
  for (let i = 0; i < 26; i += 1) {
    text = `${alphabet[Number(value & 31n)]}${text}`;
    value >>= 5n;
  }
  return text;
}

/** SHA-256 over the sorted content hashes of the originals; names are metadata. */
export function contentHash(originals: readonly { readonly sha256: string }[]): string {
  return sha256Hex(
    originals
      .map((file) => file.sha256)
      .sort()
      .join('\n'),
  );
}

/**
 * For life: from the content that came first, at the site where it came. Where another sender has sent the same there
 * before, with the sender.
 */
export function scanIdOf(
  administration: string,
  site: string,
  firstContentHash: string,
  ...sender: readonly string[]
): string {
  return shortId(sha256OfFields('scan', administration, site, firstContentHash, ...sender));
}

export function caseIdOf(scanId: string, unitId: string): string {
  return shortId(sha256OfFields('case', scanId, unitId));
}

/** The same for the same report: the sender counts its passages, each site by itself. */
export function passageIdOf(administration: string, site: string, sender: string, reportId: string): string {
  return shortId(sha256OfFields('passage', administration, site, sender, reportId));
}

export function checkInIdOf(administration: string, site: string, sender: string, senderId: string): string {
  return shortId(sha256OfFields('check-in', administration, site, sender, senderId));
}

export function holdIdOf(scanId: string, recordId: string): string {
  return shortId(sha256OfFields('hold', scanId, recordId));
}

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** SHA-256 of the parts, one after the other, in lower-case hexadecimal. */
export function sha256Hex(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

/** SHA-256 of the bytes of a file, in lower-case hexadecimal. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

import { open } from 'node:fs/promises';
import { NiiError } from '../../../core/errors.ts';
import type { FileBody, ObjectStore } from '../../../core/ports/objects.ts';
import { gone, mapped } from '../fs-failures.ts';
import { HEADER_BYTES, isEncrypted, parseHeader } from './format.ts';
import { beginningOf, type EncryptionAware, lackingKey } from './store.ts';

/**
 * A store without a key: everything is stored as it is. An encrypted object is NII_ENCRYPTED when its beginning is read;
 * a later part of one never has the hash in its record. What begins like an encrypted object is not stored, so that no
 * sender can make one.
 */
export function storeWithoutKey(inner: ObjectStore): EncryptionAware {
  return {
    ...inner,
    async put(name, body, contentType) {
      if (isEncrypted(await firstBytes(body)))
        throw new NiiError(
          'NII_BAD_REQUEST',
          'The upload starts like an encrypted object of this service, which is not allowed',
        );
      await inner.put(name, body, contentType);
    },
    async get(name) {
      const bytes = await inner.get(name);
      rejectEncrypted(bytes, name);
      return bytes;
    },
    async stream(name, range) {
      const stored = await inner.stream(name, range);
      return range === undefined || range.first === 0 ? plainOnly(stored, name) : stored;
    },
    toCopy: (_, plain) => plain,
    fromCopy: (name, copy) => plainOnly(copy, name),
    keyIdOf: async (name) => parseHeader(await beginningOf(inner, name), name)?.keyId,
  };
}

async function firstBytes(body: Uint8Array | FileBody): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body;
  return mapped(async () => {
    const file = await open(body.path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  }, gone);
}

async function* plainOnly(
  stored: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  let isBeginning = true;
  for await (const chunk of stored) {
    if (isBeginning) rejectEncrypted(chunk, name);
    isBeginning = false;
    yield chunk;
  }
}

function rejectEncrypted(first: Uint8Array, name: string): void {
  if (isEncrypted(first)) throw lackingKey(name, 'set NII_OBJECT_KEY_FILE to the file with its key');
}

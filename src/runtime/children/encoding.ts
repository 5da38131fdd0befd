import { deserialize, serialize } from 'node:v8';

/** How messages become bytes. */
export interface Encoding {
  encode(message: unknown): Buffer;
  /** @throws anything for bytes that are no message */
  decode(bytes: Buffer): unknown;
}

/** For children that run what strangers wrote: nothing but plain values can come of it. */
export const jsonEncoding: Encoding = {
  encode: (message) => Buffer.from(JSON.stringify(message)),
  decode: (bytes) => JSON.parse(bytes.toString('utf8')),
};

/** Also carries typed arrays, as they are; for children that run our own code only. */
export const structuredEncoding: Encoding = {
  encode: (message) => serialize(message),
  decode: (bytes) => deserialize(bytes),
};

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameReader, framesOf } from '../../../src/runtime/children/channel.ts';
import { structuredEncoding } from '../../../src/runtime/children/encoding.ts';

const floats = fc.float32Array({ maxLength: 20 });
const values = fc.letrec((again) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    floats,
    fc.array(again('value'), { maxLength: 4 }),
    fc.dictionary(fc.string(), again('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

const bytesOf = (value: unknown) => Buffer.concat(structuredEncoding.encode(value));

describe('messages with arrays of float32', () => {
  test('come back as they went, wherever their bytes lie', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 0, max: 7 }), (value, shift) => {
        const bytes = bytesOf(value);
        const elsewhere = Buffer.alloc(bytes.length + shift);
        bytes.copy(elsewhere, shift);
        expect(structuredEncoding.decode(elsewhere.subarray(shift))).toEqual(value);
      }),
    );
  });

  test('come back from a stream that is cut anywhere', () => {
    fc.assert(
      fc.property(fc.array(values, { maxLength: 4 }), fc.integer({ min: 1, max: 50 }), (sent, piece) => {
        const stream = Buffer.concat(sent.flatMap((value) => framesOf(structuredEncoding.encode(value))));
        const reader = new FrameReader(2 ** 20);
        const came: unknown[] = [];
        for (let from = 0; from < stream.length; from += piece)
          for (const bytes of reader.push(stream.subarray(from, from + piece)))
            came.push(structuredEncoding.decode(bytes));
        expect(came).toEqual(sent);
      }),
    );
  });

  test('every truncation of one, and one with more bytes, is rejected', () => {
    const bytes = bytesOf({
      id: 1,
      task: { name: 'run', data: Float32Array.of(1, 2, 3), more: new Float32Array(2) },
    });
    for (let length = 0; length < bytes.length; length += 1)
      expect(() => structuredEncoding.decode(bytes.subarray(0, length)), `${length} bytes`).toThrow();
    expect(() => structuredEncoding.decode(Buffer.concat([bytes, Buffer.alloc(4)]))).toThrow(RangeError);
  });

  test('any bytes are a message or are rejected, and no array is longer than they are', () => {
    const good = bytesOf({ id: 1, data: Float32Array.of(1, 2, 3) });
    const spoiled = fc
      .tuple(fc.nat(good.length - 1), fc.nat(255))
      .map(([at, byte]) => Buffer.from(good).fill(byte, at, at + 1));
    fc.assert(
      fc.property(
        fc.oneof(
          spoiled,
          fc.uint8Array({ maxLength: 64 }).map((one) => Buffer.from(one)),
        ),
        (bytes) => {
          let value: unknown;
          try {
            value = structuredEncoding.decode(bytes);
          } catch {
            return;
          }
          if (value instanceof Float32Array) expect(value.byteLength).toBeLessThanOrEqual(bytes.length);
        },
      ),
    );
  });

  test('an array is not copied to be sent, nor when it came', () => {
    const data = Float32Array.of(0, 1, 2, 3, 4, 5).subarray(2);
    const [head, array] = structuredEncoding.encode({ data });
    expect([array?.buffer, array?.byteOffset, array?.length]).toEqual([data.buffer, 8, 16]);
    const bytes = Buffer.from(Uint8Array.from([...(head ?? []), ...(array ?? [])]).buffer);
    const came = structuredEncoding.decode(bytes) as { readonly data: Float32Array };
    expect(came.data).toEqual(data);
    expect(came.data.buffer).toBe(bytes.buffer);
  });

  test('other typed arrays are not carried', () => {
    expect(() => structuredEncoding.encode({ data: new Uint8Array(3) })).toThrow(TypeError);
  });
});

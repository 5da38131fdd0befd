import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gather } from '../../../src/codec/gather.ts';
import { fileInMemory } from '../../../src/convert/converter-file.ts';
import { toolbox } from '../../../src/convert/tools/toolbox.ts';
import { checkRemainder } from '../../../src/core/check-digits.ts';
import { isNiiError } from '../../../src/core/errors.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import { layoutReader } from '../../../src/layouts/layout.ts';
import type { Layout } from '../../../src/layouts/schema/layout.ts';

const tools = () => toolbox(defaultLimits);
const codes = ({ warnings }: ReturnType<typeof toolbox>) => warnings.map(({ code }) => code);

describe('time', () => {
  it.each([
    ['2031-03-04T05:06:07Z', '2031-03-04T05:06:07Z', 'stated'],
    ['2031-03-04 05:06:07+02:00', '2031-03-04T03:06:07Z', 'stated'],
    ['20310304 050607.5-0330', '2031-03-04T08:36:07.500Z', 'stated'],
    ['2031/03/04 05:06:07', '2031-03-04T05:06:07Z', 'assumed-utc'],
    ['2031-02-30 00:00:00', undefined, 'unknown'],
    ['2031-03-04 25:00:00', undefined, 'unknown'],
    ['yesterday', undefined, 'unknown'],
    ['', undefined, 'unknown'],
  ])('%s is %s, zone %s', (written, utc, zone) => {
    const box = tools();
    const acquired = box.sdk.timeText(written);
    expect([acquired.utc, acquired.zone, acquired.written]).toEqual([utc, zone, written]);
    expect(codes(box)).toEqual(
      { stated: [], 'assumed-utc': ['NII_W_TIME_ZONE'], unknown: ['NII_W_TIME_MALFORMED'] }[zone],
    );
  });

  it('every moment survives being written without a zone', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1990-01-01'), max: new Date('2090-01-01'), noInvalidDate: true }),
        (date) => {
          const part = (name: 'FullYear' | 'Date' | 'Hours' | 'Minutes' | 'Seconds') =>
            date[`getUTC${name}`]();
          const acquired = tools().sdk.localTime({
            year: part('FullYear'),
            month: date.getUTCMonth() + 1,
            day: part('Date'),
            hour: part('Hours'),
            minute: part('Minutes'),
            second: part('Seconds'),
          });
          expect(acquired.utc).toBe(`${date.toISOString().slice(0, 19)}Z`);
        },
      ),
    );
  });
});

describe('containers', () => {
  it('fields with several numbers are split, and what is wrong with each is said', () => {
    const box = tools();
    const written = ' csqu 305438-3, MSCU6639871;MSCU?639870|truck 7,';
    const numbers = box.sdk.containers(written, 'operator', 'f');
    expect(numbers.map(({ value, state }) => [value, state])).toEqual([
      ['CSQU3054383', 'valid'],
      ['MSCU6639871', 'wrong-check-digit'],
      ['MSCU?639870', 'unread-characters'],
      ['TRUCK7', 'not-iso6346'],
    ]);
    expect(codes(box)).toEqual([
      'NII_W_CONTAINER_CHECK_DIGIT',
      'NII_W_CONTAINER_UNREAD',
      'NII_W_CONTAINER_NOT_ISO6346',
    ]);
    expect(box.sdk.units(numbers).map(({ id, kind }) => `${id} ${kind}`)).toEqual(
      [1, 2, 3, 4].map((n) => `unit-${n} container`),
    );
  });

  it('two whole numbers with a blank or a stroke between are two', () => {
    for (const written of ['CSQU3054383 MSCU6639870', 'CSQU3054383/MSCU6639870', 'CSQU3054383\nMSCU6639870'])
      expect(tools().sdk.containers(written, 'ocr', 'f')).toHaveLength(2);
    expect(checkRemainder('MSCU663987') % 10).toBe(0);
  });

  it('bytes that are no text hold none, but zeros behind one are the rest of its field', () => {
    const box = tools();
    for (const written of ['\u0001|\u0000AB', 'CSQU3054383\u0000,x', '\ufffd\ufffd|a'])
      expect(box.sdk.containers(written, 'operator', 'f')).toEqual([]);
    expect(codes(box)).toEqual(Array.from({ length: 3 }, () => 'NII_W_FIELD_MALFORMED'));
    expect(tools().sdk.containers('CSQU3054383\0\0\0', 'operator', 'f')).toHaveLength(1);
  });

  it('a field of commas, or of thousands of numbers, stays bounded', () => {
    expect(tools().sdk.containers(',;, ,', 'ocr', 'f')).toEqual([]);
    const box = tools();
    expect(box.sdk.containers('CSQU3054383,'.repeat(5000), 'ocr', 'f')).toHaveLength(16);
    expect(codes(box)).toEqual(['NII_W_FIELD_MALFORMED']);
    expect(box.warnings[0]?.value?.length).toBe(4096);
  });
});

it('gathering a channel is what reading it sample by sample gives', () => {
  const size = fc.integer({ min: 1, max: 6 });
  fc.assert(
    fc.property(
      size,
      size,
      size,
      fc.constantFrom(1, 2, 4, 8),
      fc.boolean(),
      (rows, columns, channels, item, bigEndian) => {
        const bytes = Uint8Array.from(
          { length: rows * columns * channels * item },
          (_, i) => (i * 37) & 0xff,
        );
        const channel = channels - 1;
        const strides = { row: columns * channels * item, column: channels * item, first: channel * item };
        const plane = gather(bytes, { rows, columns, item, bigEndian, ...strides });
        const expected: number[] = [];
        for (let pixel = 0; pixel < rows * columns; pixel++) {
          const at = (pixel * channels + channel) * item;
          const sample = [...bytes.slice(at, at + item)];
          expected.push(...(bigEndian ? sample.reverse() : sample));
        }
        expect([...plane]).toEqual(expected);
      },
    ),
  );
});

describe('declarative layout of a header with fields', () => {
  const layout = (order: 'planar' | 'interleaved' | 'side-by-side'): Layout => ({
    kind: 'raw',
    fields: { height: { at: 0, type: 'u16be' }, width: { at: 2, type: 'u8' }, start: { at: 3, type: 'u8' } },
    rows: 'height',
    columns: 'width',
    dataOffset: 'start',
    bits: 16,
    endian: 'big',
    order,
    channels: [
      { id: 'high', kind: 'transmission', energy: 'high' },
      { id: 'low', kind: 'transmission', energy: 'low' },
    ],
  });
  /** Sample of channel c, row r, column x: 100c + 10r + x. */
  const value = (c: number, r: number, x: number) => 100 * c + 10 * r + x;
  const plane = (c: number) => [0, 1, 2].flatMap((r) => [0, 1].map((x) => value(c, r, x)));
  const orders = {
    planar: [0, 1].flatMap(plane),
    interleaved: [0, 1, 2].flatMap((r) => [0, 1].flatMap((x) => [0, 1].map((c) => value(c, r, x)))),
    'side-by-side': [0, 1, 2].flatMap((r) => [0, 1].flatMap((c) => [0, 1].map((x) => value(c, r, x)))),
  };
  const inMemory = (bytes: Uint8Array) => fileInMemory({ name: 'x', role: 'image', complete: true }, bytes);
  const fileOf = (samples: readonly number[]) =>
    inMemory(
      new Uint8Array(
        Buffer.concat([
          Buffer.from([0, 3, 2, 6, 0, 0]),
          Buffer.from(Uint16Array.from(samples).buffer).swap16(),
        ]),
      ),
    );

  it.each(['planar', 'interleaved', 'side-by-side'] as const)('reads %s channels', async (order) => {
    const { planes } = await layoutReader(layout(order), 'made-up')([fileOf(orders[order])], tools().sdk);
    const samples = [...planes.values()].map((bytes) => [...new Uint16Array(bytes.slice().buffer)]);
    expect(samples).toEqual([plane(0), plane(1)]);
  });

  it('refuses every truncation', async () => {
    const file = fileOf(orders.planar);
    for (let length = 0; length < file.bytes.length; length++) {
      const cut = inMemory(file.bytes.slice(0, length));
      const work = async () => layoutReader(layout('planar'), 'made-up')([cut], tools().sdk);
      await expect(work()).rejects.toSatisfy((error) => isNiiError(error, 'NII_TRUNCATED'));
    }
  });
});

import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { defined } from '../../../src/core/defined.ts';

interface Seal {
  readonly number: string;
  readonly state?: 'intact' | 'broken';
}

const maybe = (value: 'intact' | 'broken' | undefined) => value;

describe('what is defined', () => {
  test('keeps every value but undefined, in the order in which they are given', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.option(fc.jsonValue(), { nil: undefined })), (values) => {
        const kept = defined(values);
        expect(Object.keys(kept)).toEqual(Object.keys(values).filter((key) => values[key] !== undefined));
        for (const [key, value] of Object.entries(kept)) expect(value).toBe(values[key]);
      }),
    );
  });

  test('keeps null, false, zero and the empty string', () => {
    expect(defined({ a: null, b: false, c: 0, d: '', e: undefined })).toStrictEqual({
      a: null,
      b: false,
      c: 0,
      d: '',
    });
  });

  test('fills a type whose optional properties are never undefined', () => {
    const seal: Seal = { number: 'A1', ...defined({ state: maybe('intact') }) };
    const bare: Seal = { number: 'A1', ...defined({ state: maybe(undefined) }) };
    expect(seal).toStrictEqual({ number: 'A1', state: 'intact' });
    expect(bare).toStrictEqual({ number: 'A1' });
  });

  test('is optional exactly where undefined may come in', () => {
    const given: { readonly a: string; readonly b: number | undefined; c?: boolean; d: string | null } = {
      a: 'x',
      b: undefined,
      d: null,
    };
    const kept = defined(given);
    expectTypeOf(kept.a).toEqualTypeOf<string>();
    expectTypeOf(kept.d).toEqualTypeOf<string | null>();
    expectTypeOf<typeof kept>().toExtend<{ readonly a: string; readonly b?: number; c?: boolean }>();
    // @ts-expect-error undefined is no value of an optional property
    kept.c = undefined;
    // @ts-expect-error what may have been undefined may be absent
    expectTypeOf(kept).toExtend<{ b: number }>();
    // @ts-expect-error a property that was not given is not there
    expect(kept.e).toBeUndefined();
  });
});

import { expect, test } from 'vitest';
import { differencesOf } from '../../../../src/core/case/differences.ts';

const container = (value: string) => ({ value, state: 'valid' as const, source: 'scanner' as const });
const unit = { containers: [container('MSKU1234565')], seals: [] };

test('what agrees is not told', () => {
  const body = { containers: ['msku 123456-5'], seals: ['ab-12'], grossMassKg: 20_000 };
  const seen = { ...unit, seals: ['AB12'], verifiedGrossMassKg: 22_700, tareKg: 2_200 };
  expect(differencesOf([seen], [body])).toEqual([]);
});

test('what is not known on one side is not told', () => {
  expect(differencesOf([], [{ containers: ['MSKU1234565'], seals: ['A1'], grossMassKg: 1 }])).toEqual([]);
  expect(differencesOf([{ ...unit, seals: ['A1'], verifiedGrossMassKg: 9_000 }], [])).toEqual([]);
});

test('a wrong check digit, and a container that the scan does not name, are told', () => {
  const seen = [{ ...unit, containers: [container('MSKU1234566')] }];
  expect(differencesOf(seen, [{ containers: ['MSKU1234565'] }])).toEqual([
    { code: 'checkDigit', container: 'MSKU1234566' },
    { code: 'notInScan', container: 'MSKU1234565' },
  ]);
});

test('a seal on the scan that was not declared is told with both', () => {
  const body = { containers: ['MSKU1234565'], seals: ['A1', 'B2'] };
  expect(differencesOf([{ ...unit, seals: ['A1'] }], [body])).toEqual([]);
  expect(differencesOf([{ ...unit, seals: ['A1', 'C3'] }], [body])).toEqual([
    { code: 'seals', declared: 'A1, B2', seen: 'A1, C3' },
  ]);
});

test('the scale is compared less the tare, for one container alone, and by more than 5 % and 500 kg', () => {
  const weighed = (kg: number) => ({ ...unit, verifiedGrossMassKg: kg + 2_200, tareKg: 2_200 });
  const body = { containers: ['MSKU1234565'], grossMassKg: 20_000 };
  expect(differencesOf([weighed(21_000)], [body])).toEqual([]);
  expect(differencesOf([weighed(21_001)], [body])).toEqual([
    { code: 'weighed', declared: 20_000, weighed: 21_001 },
  ]);
  const light = { ...body, grossMassKg: 1_000 };
  expect(differencesOf([weighed(1_500)], [light])).toEqual([]);
  expect(differencesOf([weighed(1_501)], [light])).toMatchObject([{ code: 'weighed' }]);
  expect(differencesOf([weighed(30_000), unit], [body])).toEqual([]);
  expect(differencesOf([weighed(30_000)], [{ ...body, containers: ['MSKU1234565', 'MSKU7654321'] }])).toEqual(
    [{ code: 'notInScan', container: 'MSKU7654321' }],
  );
});

test('lines that do not add up, and goods in what is declared empty, are told', () => {
  const items = [{ grossMassKg: 900 }, { grossMassKg: 300 }];
  const body = { containers: [], grossMassKg: 1_000, consignment: { items } };
  expect(differencesOf([], [body])).toEqual([{ code: 'items', declared: 1_000, items: 1_200 }]);
  const withUnknown = { ...body, consignment: { items: [...items, { description: 'tea' }] } };
  expect(differencesOf([], [withUnknown])).toEqual([]);
  expect(differencesOf([], [{ containers: [], declaredEmpty: true, grossMassKg: 101 }])).toEqual([
    { code: 'emptyWithGoods', mass: 101 },
  ]);
});

const emptiness = (
  looks: 'empty' | 'loaded' | 'not-certain',
  basis: 'transmission' | 'picture' = 'transmission',
) => ({
  method: 'test/1',
  basis,
  units: [
    {
      unitId: 'u1',
      looks,
      largest: {
        box: { view: 'side', rowFrom: 0, rowTo: 1, columnFrom: 0, columnTo: 1 },
        areaMm2: 123_456,
        excess: 0.1,
      },
    },
  ],
  milliseconds: 1,
});
const u1 = { ...unit, id: 'u1' };

test('a hold that looks loaded is told where it is declared empty, and one that looks empty where goods are', () => {
  const empty = { containers: ['MSKU1234565'], declaredEmpty: true };
  const goods = { containers: ['MSKU1234565'], description: 'frozen fish' };
  expect(differencesOf([u1], [empty], emptiness('loaded'))).toEqual([
    { code: 'emptyLooksLoaded', area: 0.12 },
  ]);
  expect(differencesOf([u1], [goods], emptiness('empty'))).toEqual([{ code: 'loadedLooksEmpty' }]);
  expect(differencesOf([u1], [empty], emptiness('loaded', 'picture'))).toEqual([
    { code: 'emptyLooksLoadedInPicture', area: 0.12 },
  ]);
  expect(differencesOf([u1], [goods], emptiness('empty', 'picture'))).toEqual([
    { code: 'loadedLooksEmptyInPicture' },
  ]);
});

test('what is not certain, or agrees, or declares nothing of goods is no difference', () => {
  const empty = { containers: ['MSKU1234565'], declaredEmpty: true };
  const goods = { containers: ['MSKU1234565'], grossMassKg: 9_000 };
  for (const body of [empty, goods]) {
    expect(differencesOf([u1], [body], emptiness('not-certain'))).toEqual([]);
    expect(differencesOf([u1], [body])).toEqual([]);
  }
  expect(differencesOf([u1], [empty], emptiness('empty'))).toEqual([]);
  expect(differencesOf([u1], [goods], emptiness('loaded'))).toEqual([]);
  expect(differencesOf([u1], [{ containers: ['MSKU1234565'] }], emptiness('empty'))).toEqual([]);
  // dunnage
  expect(differencesOf([u1], [{ ...goods, grossMassKg: 80 }], emptiness('empty'))).toEqual([]);
});

test('of two containers, the one that the declaration names is compared', () => {
  const other = { containers: [container('MSKU7654321')], seals: [], id: 'u2' };
  const loaded = emptiness('loaded');
  const of = (number: string) =>
    differencesOf([u1, other], [{ containers: [number], declaredEmpty: true }], loaded).filter(({ code }) =>
      code.startsWith('empty'),
    );
  expect(of('MSKU1234565')).toHaveLength(1);
  expect(of('MSKU7654321')).toEqual([]);
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isImoNumber } from '../../../../src/core/check-digits.ts';
import { codeKinds, isCode, normaliseCode } from '../../../../src/core/trade/codes.ts';
import { termOf, termsOf } from '../../../../src/core/trade/terms.ts';
import { fullRecord } from '../../../support/record/full-record.ts';

describe('codes of others', () => {
  it.each([
    ['country', 'NL', 'NLD'],
    ['locode', 'NLRTM', 'NLRT1'],
    ['customs-office', 'NL000396', 'x'],
    ['hs', '847130', '84.71'],
    ['imo', '9074729', '9074728'],
    ['size-type', '22G1', '22GG1'],
    ['un-number', '1203', 'UN1203'],
    ['package', 'CT', 'CTN'],
    ['transport-mode', '1', '11'],
  ] as const)('of kind %s: %s has the form, %s has not', (kind, right, wrong) => {
    expect(isCode(kind, right)).toBe(true);
    expect(isCode(kind, wrong)).toBe(false);
  });

  it('are read as people write them', () => {
    expect(normaliseCode('imo', 'IMO 9074729')).toBe('9074729');
    expect(normaliseCode('locode', 'nl rtm')).toBe('NLRTM');
    expect(normaliseCode('hs', '8471.30')).toBe('847130');
    for (const kind of codeKinds)
      expect(normaliseCode(kind, normaliseCode(kind, ' a1.b-2 '))).toBe(normaliseCode(kind, 'a1.b-2'));
  });

  it('of ships: one wrong digit of seven is always found, unless it is the last that makes it right', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 999_999 }),
        fc.nat(6),
        fc.integer({ min: 1, max: 9 }),
        (stem, at, shift) => {
          const digits = [...String(stem).padStart(6, '0')].map(Number);
          const check = digits.reduce((sum, digit, i) => sum + digit * (7 - i), 0) % 10;
          const right = [...digits, check];
          expect(isImoNumber(right.join(''))).toBe(true);
          const wrong = right.map((digit, i) => (i === at ? (digit + shift) % 10 : digit));
          const weight = at === 6 ? 1 : 7 - at;
          const isSeen =
            at === 6 || (weight * (((right[at] ?? 0) + shift) % 10) - weight * (right[at] ?? 0)) % 10 !== 0;
          expect(isImoNumber(wrong.join(''))).toBe(!isSeen);
        },
      ),
    );
  });
});

describe('terms that scans are found by', () => {
  it('are the numbers of the record without blanks and punctuation, each once', () => {
    expect(new Set(termsOf(fullRecord()))).toEqual(
      new Set([
        'plate:PERSONPLATE',
        'plate:PERSONREGISTRATION',
        'seal:TRADESEAL',
        'declaration:TRADEDECLARATION',
        'declaration:26NLTRADE00000017',
        'ucr:6NL123456789TRADE',
        'document:TRADEBL1',
        'imo:9074729',
        'locode:NLRTM',
        'customs-office:NL000396',
      ]),
    );
  });

  it('are compared however they are written', () => {
    expect(termOf('plate', 'b-xy 12.3')).toBe(termOf('plate', 'BXY123'));
    expect(termOf('plate', ' -. ')).toBeUndefined();
    expect(termOf('plate', 'ж 123')).toBe('plate:Ж123');
  });
});

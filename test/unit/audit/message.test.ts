import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MESSAGE_BYTES, rowMessage, sealMessage } from '../../../src/audit/siem/message.ts';
import type { StoredAuditRow } from '../../../src/core/ports/records/seals.ts';
import { runs } from '../../support/search-size.ts';

const actor = { keyId: 'k1', role: 'analyst', administration: 'utopia', site: 'north', address: '192.0.2.7' };
const row: StoredAuditRow = {
  seq: 7,
  at: '2026-03-04T05:06:07.089000Z',
  administration: 'utopia',
  site: 'north',
  actor: JSON.stringify(actor),
  action: 'view scan',
  subject: 's1',
  detail: '{}',
};
const textOf = (changes: Partial<StoredAuditRow> = {}) =>
  Buffer.from(rowMessage({ ...row, ...changes })).toString('utf8');

test('a row is a message of RFC 5424 with its fields as structured data and a BOM before its text', () => {
  expect(textOf()).toMatch(
    /^<109>1 2026-03-04T05:06:07\.089000Z [!-~]+ nii-hub - view-scan \[niiAudit@32473 seq="7" administration="utopia" site="north" key="k1" role="analyst" address="192\.0\.2\.7" action="view scan" subject="s1" detail="\{\}"\] \u{feff}view scan s1$/u,
  );
});

test('rejected calls are warnings, events of security errors, everything else notices of log audit', () => {
  expect(textOf({ action: 'rejected 401' })).toMatch(/^<108>1 .* rejected-401 \[/);
  expect(textOf({ action: 'security: object corrupt' })).toMatch(/^<107>1 .* security:-object-corrupt \[/);
  expect(textOf({ action: 'change upload' })).toMatch(/^<109>1 .* change-upload \[/);
});

test('quotes, backslashes and brackets are escaped in values, and what cannot be seen is shown by its number', () => {
  const text = textOf({ subject: 'a"b\\c]d\n\u{202e}e\0', detail: '{"x":"]"}' });
  expect(text).toContain('subject="a\\"b\\\\c\\]d<U+000A><U+202E>e<U+0000>"');
  expect(text).toContain('detail="{\\"x\\":\\"\\]\\"}"');
  expect(text.endsWith('\u{feff}view scan a"b\\c]d<U+000A><U+202E>e<U+0000>')).toBe(true);
});

test('a seal carries its number and both hashes', () => {
  const [sha256, previous] = ['a'.repeat(64), 'b'.repeat(64)];
  const seal = { number: 3, covers: [], rows: 4, highest: 9, previous, sha256, madeAt: row.at };
  expect(Buffer.from(sealMessage(seal)).toString('utf8')).toContain(
    `seal [niiSeal@32473 number="3" sha256="${sha256}" previous="${previous}" rows="4" highest="9"] \u{feff}audit seal 3 ${sha256}`,
  );
});

/** By the grammar of RFC 5424, section 6. */
const grammar =
  /^<\d{1,3}>1 \S{20,32} [!-~]{1,255} [!-~]{1,48} [!-~]{1,128} [!-~]{1,32} \[[!-~]+( [!-~]{1,32}="([^"\\\]]|\\["\\\]])*")+\] \u{feff}[^\p{Cc}]*$/su;

test('whatever a row says, its message keeps to the grammar and to its length, and is UTF-8', () => {
  const text = fc.string({
    unit: fc.oneof(
      fc.constantFrom('"', '\\', ']', '\n', '漢', '\u{1f6a2}', '\ud800'),
      fc.string({ unit: 'binary' }),
    ),
    maxLength: 6000,
  });
  fc.assert(
    fc.property(text, text, text, (subject, detail, administration) => {
      const bytes = rowMessage({ ...row, subject, detail, administration, action: subject });
      expect(bytes.byteLength).toBeLessThanOrEqual(MESSAGE_BYTES);
      expect(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)).toMatch(grammar);
    }),
    { numRuns: runs(100) },
  );
});

test('a value that is too long ends with a mark', () => {
  expect(textOf({ detail: `{"x":"${'y'.repeat(9000)}"}` })).toMatch(/y…\(cut\)"\] /u);
  expect(textOf({ detail: 'y'.repeat(4080) })).not.toContain('(cut)');
});

import { expect, test } from 'vitest';
import { expectations } from '../../../src/core/conformance/expectations.ts';
import { readRepositoryFile, tableRows } from '../../support/markdown-table.ts';

test('the page of the conformance report gives weight and expectation of every oddity, in order, and no other', () => {
  const rows = tableRows(readRepositoryFile('docs/reference/conformance-report.md'), (code) =>
    code.startsWith('NII_W_'),
  );
  expect(rows).toEqual(
    Object.entries(expectations).map(([code, { weight, expected }]) => [code, weight, expected]),
  );
});

import { expect, test } from 'vitest';
import { NiiError } from '../../../src/core/errors.ts';
import { labelOf, reasonsOf } from '../../../src/core/rules/reason-list.ts';
import type { ReasonTerms } from '../../../src/core/rules/reasons.ts';
import { brokenReasons, requireOffered, withLabel } from '../../../src/triage/verdict-reasons.ts';

const tyres: ReasonTerms = {
  code: 'tyres',
  labels: [
    { language: 'en', text: 'Tyres' },
    { language: 'pt-BR', text: 'Pneus' },
  ],
  state: 'active',
};
const codes = (own?: readonly ReasonTerms[]) => reasonsOf(own).map(({ code }) => code);
const decision = { kind: 'suspect', reason: 'tyres' } as const;

function detailOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return error instanceof NiiError ? error.message : String(error);
  }
  return '';
}

test('an administration adds its codes to the built-in ones, before "other"', () => {
  expect(codes([tyres])).toEqual([...codes().slice(0, -1), 'tyres', 'other']);
  expect(reasonsOf([tyres]).at(-2)).toMatchObject({ isBuiltIn: false, usualFor: [] });
});

test('a built-in code is renamed and retired in the list of the administration, and keeps its other labels', () => {
  const labels = [{ language: 'en', text: 'Thickness' }];
  const [changed] = reasonsOf([{ code: 'density', labels, state: 'retired' }]).filter(
    ({ code }) => code === 'density',
  );
  expect(changed?.state).toBe('retired');
  expect(labelOf(changed === undefined ? [] : [changed], 'density', ['en'])).toBe('Thickness');
  expect(labelOf(changed === undefined ? [] : [changed], 'density', ['fr'])).toBe('Densité');
});

test('one reason is usual for a verdict: that of the administration', () => {
  const usual = reasonsOf([{ ...tyres, usualFor: ['suspect'] }]).filter(({ usualFor }) =>
    usualFor.includes('suspect'),
  );
  expect(usual.map(({ code }) => code)).toEqual(['tyres']);
});

test('a label is of the language, else of its main part, else English, else the first, else the code', () => {
  const own = reasonsOf([tyres]);
  expect(labelOf(own, 'tyres', ['pt-br'])).toBe('Pneus');
  expect(labelOf(own, 'tyres', ['en-GB'])).toBe('Tyres');
  expect(labelOf(own, 'tyres', ['fr'])).toBe('Tyres');
  expect(labelOf(reasonsOf([{ ...tyres, labels: tyres.labels.slice(1) }]), 'tyres', ['fr'])).toBe('Pneus');
  expect(labelOf(own, 'of-before', ['fr'])).toBe('of-before');
  expect(labelOf(own, 'other', ['fr-CA', 'es'])).toBe('Autre');
});

test('a verdict has an active reason, and the message lists them', () => {
  expect(detailOf(() => requireOffered(undefined, 'shape'))).toBe('');
  expect(detailOf(() => requireOffered([tyres], 'tyres'))).toBe('');
  expect(detailOf(() => requireOffered(undefined, 'tyres'))).toMatch(/^Invalid reason "tyres": use .*shape/);
  expect(detailOf(() => requireOffered([{ ...tyres, state: 'retired' }], 'tyres'))).toMatch(
    /^Retired reason "tyres": use (?!.*tyres)/,
  );
});

test('a list keeps what verdicts may have, has each code and language once, and leaves the alarm', () => {
  expect(brokenReasons([], [tyres])).toBeUndefined();
  expect(brokenReasons([tyres], [{ ...tyres, state: 'retired' }])).toBeUndefined();
  expect(brokenReasons([tyres], [])).toMatch(/"tyres" is missing/);
  expect(brokenReasons([], [tyres, tyres])).toMatch(/"tyres" is listed twice/);
  const twice = [...tyres.labels, { language: 'EN', text: 'Wheels' }];
  expect(brokenReasons([], [{ ...tyres, labels: twice }])).toMatch(/two labels in "en"/);
  expect(brokenReasons([], [{ ...tyres, labels: [] }])).toMatch(/"tyres" has no label/);
  for (const code of ['person-in-danger', 'other'])
    expect(brokenReasons([], [{ code, labels: [], state: 'retired' }])).toMatch(/cannot be retired/);
  expect(brokenReasons([], [{ code: 'shape', labels: [], state: 'retired' }])).toBeUndefined();
});

test('a verdict keeps what its reason was called, where somebody decided that', () => {
  expect(withLabel(decision, undefined, undefined)).toEqual(decision);
  expect(withLabel(decision, [tyres], undefined)).toMatchObject({ reasonLabel: 'Tyres' });
  expect(withLabel(decision, [tyres], 'pt-BR')).toMatchObject({ reasonLabel: 'Pneus' });
  expect(withLabel({ ...decision, reason: 'shape' }, undefined, 'es')).toMatchObject({
    reasonLabel: 'Forma',
  });
});

import { expect, test } from 'vitest';
import { canEnd, editableReasons, newReason, termsOf } from '../../../src/page/reasons/draft.ts';
import { brokenReasons } from '../../../src/triage/verdict-reasons.ts';

const tyres = {
  code: 'tyres',
  state: 'active' as const,
  usualFor: ['suspect' as const],
  labels: [
    { language: 'en', text: 'Tyres' },
    { language: 'pt-BR', text: 'Pneus' },
  ],
};

test('a list that nobody changed is saved as it was, and built-in reasons are not written into it', () => {
  expect(termsOf([], editableReasons([]))).toEqual([]);
  expect(termsOf([tyres], editableReasons([tyres]))).toEqual([tyres]);
});

test('a reason is ended and not removed, and keeps its labels in other languages', () => {
  const edited = editableReasons([tyres]).map((one) =>
    one.code === 'tyres' ? { ...one, isActive: false } : one,
  );
  const terms = termsOf([tyres], edited);
  expect(terms).toEqual([{ ...tyres, state: 'retired' }]);
  expect(brokenReasons([tyres], terms)).toBeUndefined();
});

test('a built-in reason gets another label, and a new one is added with what it is proposed for', () => {
  const edited = editableReasons([]).map((one) =>
    one.code === 'shape' ? { ...one, labels: { ...one.labels, fr: 'Contour' } } : one,
  );
  const added = {
    ...newReason,
    code: ' hollow ',
    labels: { en: 'Hollow', fr: '', es: '' },
    usualFor: ['suspect' as const],
  };
  const terms = termsOf([], [...edited, added]);
  expect(terms.map(({ code, labels }) => [code, labels.map(({ text }) => text)])).toEqual([
    ['shape', ['Shape', 'Contour', 'Forma']],
    ['hollow', ['Hollow']],
  ]);
  expect(brokenReasons([], terms)).toBeUndefined();
});

test('what the program goes by cannot be ended', () => {
  const always = editableReasons([]).filter((one) => !canEnd(one));
  expect(always.map(({ code }) => code)).toEqual(['person-in-danger', 'other']);
});

import { describe, expect, it } from 'vitest';
import { inWords } from '../../../src/triage/declared.ts';

const containers = ['CSQU3054383'];

describe('what was declared, in words', () => {
  it.each([
    [
      { description: 'frozen fish', hsCodes: ['030311'], grossMassKg: 12_000 },
      'declared: frozen fish; HS 030311; 12 000 kg',
    ],
    [{ declaredEmpty: true }, 'declared empty'],
    [{ declaredEmpty: true, grossMassKg: 3900 }, 'declared empty; 3 900 kg'],
    [{ declaredEmpty: false, description: ' two\n lines ' }, 'declared: two lines'],
    [{ grossMassKg: 1_234_567.8912 }, 'declared: 1 234 567.8912 kg'],
    [{ grossMassKg: 0 }, 'declared: 0 kg'],
    [{ grossMassKg: 999.5 }, 'declared: 999.5 kg'],
    [{ hsCodes: ['0901', '0902', '0903', '0904', '0905'] }, 'declared: HS 0901, 0902, 0903 and 2 more'],
    [{ packages: 3, selectivity: { score: 90 } }, 'declared, without a description of the goods'],
    [{ description: '🐟'.repeat(81) }, `declared: ${'🐟'.repeat(80)}…`],
  ])('%j is "%s"', (body, words) => {
    expect(inWords([{ containers, ...body }])).toEqual([words]);
  });

  it('names four declarations, and says how many more there are', () => {
    const bodies = ['a', 'b', 'c', 'd', 'e', 'f'].map((description) => ({ containers, description }));
    expect(inWords(bodies.slice(0, 4))).toHaveLength(4);
    expect(inWords(bodies.slice(0, 5)).at(-1)).toBe('declared: in 1 more declaration');
    expect(inWords(bodies).slice(3)).toEqual(['declared: d', 'declared: in 2 more declarations']);
    expect(inWords([])).toEqual([]);
  });
});

import { expect, test } from 'vitest';
import { checkPlanted } from './planted.ts';

const lint = (text: string) =>
  checkPlanted(
    { 'src/planted.ts': text },
    ['biome.jsonc', 'tsconfig.json', '.gitignore'],
    ['@biomejs/biome/bin/biome', 'lint', '--colors=off', '--vcs-enabled=false', '.'],
  );

const sound = `
type Verdict = 'normal' | 'suspect';
async function keep(verdict: Verdict): Promise<number> {
  return verdict.length;
}
export async function decide(verdict: Verdict): Promise<string> {
  const kept = await keep(verdict);
  switch (verdict) {
    case 'normal':
      return \`go \${kept}\`;
    case 'suspect':
      return 'hold';
  }
}
`;

test('sound code passes the linter', () => {
  expect(lint(sound)).toMatchObject({ status: 0 });
});

test.each([
  [
    'a promise that nobody waits for',
    'noFloatingPromises',
    ['const kept = await keep', 'const kept = 1; keep'],
  ],
  [
    'a promise used as a condition',
    'noMisusedPromises',
    ['const kept = await keep(verdict)', 'const kept = keep(verdict) ? 1 : 0'],
  ],
  [
    'a switch that forgets a case',
    'useExhaustiveSwitchCases',
    ["case 'suspect':", "case 'normal' as never:"],
  ],
  ['any', 'noExplicitAny', ['verdict: Verdict): Promise<number>', 'verdict: any): Promise<number>']],
  ['a claim that a value is there', 'noNonNullAssertion', ['keep(verdict);', 'keep(verdict!);']],
  [
    'numbers sorted as text',
    'useArraySortCompare',
    ['const kept = await keep(verdict);', 'const kept = [await keep(verdict)].sort()[0];'],
  ],
] as const)('%s is refused', (_, rule, [before, after]) => {
  const { status, said } = lint(sound.replace(before, after));
  expect(said).toContain(rule);
  expect(status).toBe(1);
});

import { attacks } from './attacks/index.ts';
import type { Attack, Target } from './target.ts';
import { type Seen, underAttack } from './under-attack.ts';

/** Each attack once, one after the other; those after the death of the service are left out. */
export async function attackOnce(
  target: Target,
  chosen: readonly Attack[],
  tell: (seen: Seen) => void,
): Promise<readonly Seen[]> {
  const all: Seen[] = [];
  const first = Date.now() % 1e9;
  for (const [i, attack] of chosen.entries()) {
    const seen = await underAttack(attack, target, first + i * 100);
    tell(seen);
    all.push(seen);
    if (!seen.isAlive) break;
  }
  return all;
}

/** @throws RangeError for a name that no attack has */
export function chooseAttacks(names: readonly string[] | undefined): readonly Attack[] {
  const known = attacks.map(({ name }) => name);
  const unknown = names?.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new RangeError(`no attack is called ${unknown}: use ${known.join(', ')}`);
  return attacks.filter(({ name }) => names?.includes(name) ?? true);
}

const heads = [
  'attack',
  'API MiB',
  'others p99',
  'slowest ms',
  'answers',
  'others not 200',
  'alive',
  'seconds',
];

export function tableOfAttacks(all: readonly Seen[]): string {
  const rows = all.map(({ attack, answers, grownMiB, others, isAlive, seconds }) => [
    attack,
    grownMiB === undefined ? '?' : String(grownMiB),
    String(others.p99Ms),
    String(others.slowestMs),
    wordsOf(answers),
    wordsOf(others.wrong) || 'none',
    isAlive ? 'yes' : 'NO',
    String(seconds),
  ]);
  return [heads, heads.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function wordsOf(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([word, count]) => `${count} × ${word}`)
    .join(', ');
}

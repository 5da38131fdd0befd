import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { seededFaults } from '../../../lab/port/seeded/faults.ts';
import { withoutRule } from '../../../lab/port/seeded/run.ts';

describe('rules that are switched off for the adversary', () => {
  it.each(seededFaults)('$name: the rule is where it is said to be, once', (fault) => {
    const source = readFileSync(fault.file, 'utf8');
    expect(withoutRule(source, fault)).not.toBe(source);
  });

  it('are twenty or more, each with a name of its own', () => {
    expect(seededFaults.length).toBeGreaterThanOrEqual(20);
    expect(new Set(seededFaults.map(({ name }) => name)).size).toBe(seededFaults.length);
  });

  it('are rejected where the rule has moved', () => {
    const [fault] = seededFaults;
    if (fault === undefined) throw new Error('no fault');
    expect(() => withoutRule('moved', fault)).toThrow('must occur once');
    expect(() => withoutRule(`${fault.rule}\n${fault.rule}`, fault)).toThrow('2 times');
  });
});

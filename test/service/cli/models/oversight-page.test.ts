import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { allCommands } from '../../../../src/cli/index.ts';
import { defaultPolicy } from '../../../../src/triage/policy.ts';
import { operations } from '../../../support/http/operations.ts';
import { readRepositoryFile, repositoryRoot } from '../../../support/markdown-table.ts';

/** docs/explanation/human-oversight.md names commands, actions of the audit, terms of the policy and routes: each of them is there. */

const page = readRepositoryFile('docs/explanation/human-oversight.md');
const typed = [...page.matchAll(/`(nii [a-z][^`]*)`|^(nii [a-z].*)$/gm)].map(([, inline, line]) =>
  (inline ?? line ?? '').replace(/\s+#.*$/, '').trim(),
);

describe('the page on human oversight', () => {
  test.each(typed)('names a command that exists: %s', async (line) => {
    const [, name, ...rest] = line.split(/\s+/);
    const command = (await allCommands()).find((one) => one.name === name);
    expect(command?.name).toBe(name);
    const options = rest.filter((word) => word.startsWith('--')).map((word) => word.slice(2));
    for (const option of options) expect(Object.keys(command?.options ?? {})).toContain(option);
    const [action] = rest;
    if (name === 'models') expect(command?.operands?.split(/[ |]+/)).toContain(action);
  });

  test.each([...page.matchAll(/^\| `([a-z][^`]*)` \|/gm)].map(([, action = '']) => action))(
    'names an action that the code writes into the audit: %s',
    (action) => {
      const [group = '', what = action] = action.split(': ');
      // "change case: decide" is written as a name and a variable; the words stand in the code as they are, too
      const parts = sources.includes(`'${action}'`) ? [action] : [`${group}: $`, `'${what}'`];
      if (group.startsWith('view ')) parts.splice(0, 2, 'view $', `'${group.slice('view '.length)}'`);
      for (const part of parts) expect(sources.includes(part), part).toBe(true);
    },
  );

  test('gives the terms of the policy as they are by default', () => {
    const named = [...page.matchAll(/`([a-z][A-Za-z]+)`(?: of the policy)? \((\d+)\)/g)];
    expect(new Set(named.map(([, term]) => term))).toEqual(
      new Set([
        'highPercentile',
        'notAnalysedHeadStartMinutes',
        'percentileHeadStartMinutes',
        'raisedPercentile',
      ]),
    );
    for (const [, term, value] of named)
      expect(Object.entries(defaultPolicy)).toContainEqual([term, Number(value)]);
  });

  test('names routes that exist', () => {
    const routes = [...page.matchAll(/`(GET|PUT) (\/v1\/[a-z-]+)`/g)];
    expect(routes.length).toBeGreaterThan(1);
    for (const [, method, url] of routes)
      expect(Object.values(operations)).toContainEqual(expect.objectContaining({ method, url }));
  });
});

const sources = readdirSync(join(repositoryRoot, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(join(repositoryRoot, 'src', name), 'utf8'))
  .join('\n');

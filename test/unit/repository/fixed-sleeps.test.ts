import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { reasons } from '../../support/eventually.ts';
import { repositoryRoot } from '../../support/markdown-table.ts';

/** What can make a test wait for a fixed time. */
const timers = /\bsetTimeout\b|timers\/promises|\bAtomics\.wait\(/g;
const pauses = /\bpause\([^;\n]*?, '(\w+)'\)/g;

/** Files that may name a timer, and why. */
const timersAllowed: Readonly<Record<string, string>> = {
  'medium/two-apis.test.ts': 'a sender gives up where the proxy does not notice that nobody reads',
  'support/eventually.ts': 'waits for a condition, and has the only fixed wait',
  'support/infer/delay.ts': 'takes turns of the event loop, without a wait',
  'service/http/pressure.test.ts': 'the whole process has to stand still',
  'service/cli/bench.test.ts': 'a child that stays until it is killed',
  'service/contain/attacker/reader.mjs': 'an attempt to connect that gets no answer is given up',
  'service/reading/spinning-child.ts': 'a decoder that never ends takes no processor from other tests',
  'service/reading/misbehaving-child.ts': 'a reader that never ends takes no processor from other tests',
  'service/kit/hostile.test.ts': 'a reader that ends its process a moment after it failed',
  'unit/repository/fixed-sleeps.test.ts': 'this rule',
};

/** Files that let a fixed time pass, how often, and for which reasons of test/support/eventually.ts. */
const pausesAllowed: Readonly<Record<string, string>> = {
  'medium/embedded-postgres.test.ts': '2 moment',
  'medium/embedded-races.test.ts': '1 moment',
  'medium/fs-store.test.ts': '1 moment',
  'medium/kill.test.ts': '1 moment',
  'medium/many/worker-end.test.ts': '1 moment',
  'medium/models/hot-switch.test.ts': '2 pace',
  'medium/open-files.test.ts': '1 absence, 1 pace',
  'medium/point-in-time.test.ts': '2 pace, 2 work',
  'medium/power-cut.test.ts': '1 moment',
  'medium/s3-outage.test.ts': '1 pace',
  'medium/watch.test.ts': '1 absence, 2 pace, 1 restart',
  'service/adapters/database.test.ts': '4 work',
  'service/audit/sealing.test.ts': '1 work',
  'service/http/record/events.test.ts': '3 absence',
  'service/http/tenants/wrong-keys.test.ts': '1 pace',
  'service/reading/slow-views.test.ts': '1 pace',
  'support/contract/jobs.ts': '1 absence, 1 lease, 1 work',
  'support/contract/records/cases.ts': '3 work',
  'support/contract/records/feed.ts': '3 work',
  'support/running-service.ts': '1 restart',
  'support/small-scans.ts': '2 pace',
};

const files = readdirSync(`${repositoryRoot}test`, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(ts|mjs|sh)$/.test(name))
  .map((name) => ({ name, text: readFileSync(`${repositoryRoot}test/${name}`, 'utf8') }));

function countPauses(text: string): string {
  const found = [...text.matchAll(pauses)].map(([, reason = '']) => reason);
  const named = Object.keys(reasons).toSorted((a, b) => (a < b ? -1 : 1));
  const counts = named.map((reason) => [found.filter((each) => each === reason).length, reason] as const);
  return counts
    .filter(([count]) => count > 0)
    .map(([count, reason]) => `${count} ${reason}`)
    .join(', ');
}

test('no test names a timer, but for those that are listed with their reason', () => {
  const found = files.filter(({ text }) => text.match(timers)).map(({ name }) => name);
  expect(new Set(found)).toEqual(new Set(Object.keys(timersAllowed)));
});

test('no test lets a fixed time pass, but for those that are listed with their reason', () => {
  const others = files.filter(({ name }) => name !== 'unit/repository/fixed-sleeps.test.ts');
  const found = others.map(({ name, text }) => [name, countPauses(text)]).filter(([, count]) => count !== '');
  expect(Object.fromEntries(found)).toEqual(pausesAllowed);
});

test('the rule sees every way to wait', () => {
  for (const text of [
    'await new Promise((done) => setTimeout(done, 5));',
    "import { setTimeout as nap } from 'node:timers/promises';",
    'Atomics.wait(cell, 0, 0, 5);',
  ])
    expect(text.match(timers), text).not.toBeNull();
  expect(countPauses("await pause(100, 'work'); } await pause(f(2), 'work');\nvoid pause(1, 'pace')")).toBe(
    '1 pace, 2 work',
  );
});

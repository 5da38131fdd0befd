import { Compile } from 'typebox/compile';
import { expect, test } from 'vitest';
import { StoredPolicy } from '../../../../src/core/rules/policy.ts';
import { inTodaysForm } from '../../../../src/core/upgrade/older-forms.ts';
import { defaultPolicy } from '../../../../src/triage/policy.ts';

const check = Compile(StoredPolicy);
const { version, secondThoughtsSeconds, dangerDueMinutes, ...terms } = defaultPolicy;
const policyWith = (said: object) => ({
  administration: 'utopia',
  version: 3,
  state: 'in-force',
  at: '2026-01-02T03:00:00.000Z',
  by: 'ada',
  terms: said,
});

test('a policy of before alarms were due has them due after half an hour', () => {
  const { alarmDueMinutes, ...before } = terms;
  const read = inTodaysForm('policy', policyWith(before));
  expect(check.Check(read)).toBe(true);
  expect(read).toEqual(policyWith({ ...before, alarmDueMinutes: 30 }));
});

test('a policy that says when alarms are due is read as it is', () => {
  const stored = policyWith({ ...terms, alarmDueMinutes: 5 });
  expect(inTodaysForm('policy', stored)).toBe(stored);
});

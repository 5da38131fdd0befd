import { expect, test } from 'vitest';
import { type ErrorCode, NiiError } from '../../../src/core/errors.ts';
import { ChildFailure, type ChildFault } from '../../../src/runtime/children/child-failure.ts';
import { FatalWork, REMEMBERED_MS } from '../../../src/runtime/children/fatal-work.ts';

function ended(fault: ChildFault, code: ErrorCode = 'NII_LIMIT_TIME'): NiiError {
  return new NiiError(code, { detail: fault, cause: new ChildFailure(fault, 'has ended') });
}

function isKnown(fatal: FatalWork, work: string): boolean {
  try {
    fatal.rejectKnown(work);
    return false;
  } catch {
    return true;
  }
}

test.each(['time', 'silence', 'memory', 'ended', 'unreadable'] as const)(
  'work that ended its process by "%s" is rejected with the same error for a quarter of an hour',
  (fault) => {
    let now = 0;
    const fatal = new FatalWork(() => now);
    const error = ended(fault);
    fatal.note('draw a', error);
    now = REMEMBERED_MS - 1;
    expect(() => fatal.rejectKnown('draw a')).toThrow(error);
    expect(isKnown(fatal, 'draw b')).toBe(false);
    now = REMEMBERED_MS;
    expect(isKnown(fatal, 'draw a')).toBe(false);
  },
);

test.each([
  ['a process that another program killed', ended('killed', 'NII_READER_CRASHED')],
  ['a process that did not start', ended('start', 'NII_CHILD_START')],
  ['a process that its parent ended', ended('stopped', 'NII_BUSY')],
  ['a file that is rejected', new NiiError('NII_MALFORMED', 'no picture')],
  ['any other error', new Error('broken')],
])('%s is not remembered', (_, error) => {
  const fatal = new FatalWork();
  fatal.note('draw a', error);
  expect(isKnown(fatal, 'draw a')).toBe(false);
});

test('to be rejected again does not make it longer', () => {
  let now = 0;
  const fatal = new FatalWork(() => now);
  const error = ended('time');
  fatal.note('draw a', error);
  now = REMEMBERED_MS - 1;
  fatal.note('draw a', error);
  now = REMEMBERED_MS;
  expect(isKnown(fatal, 'draw a')).toBe(false);
});

test('ten thousand failures are remembered, and the oldest is forgotten first', () => {
  const fatal = new FatalWork(() => 0);
  for (let i = 0; i <= 10_000; i += 1) fatal.note(`draw ${i}`, ended('time'));
  expect(isKnown(fatal, 'draw 0')).toBe(false);
  expect(isKnown(fatal, 'draw 1')).toBe(true);
});

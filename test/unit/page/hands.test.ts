import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Hands } from '../../../src/page/api/hands.ts';

let watchHands: (target: EventTarget) => Hands;
beforeAll(async () => {
  vi.stubGlobal('window', new EventTarget()); // the module watches it as it loads
  ({ watchHands } = await import('../../../src/page/api/hands.ts'));
});
afterAll(() => vi.unstubAllGlobals());

function withRuns() {
  const target = new EventTarget();
  const hands = watchHands(target);
  const told: string[] = [];
  const runs = { a: () => told.push('a'), b: () => told.push('b') };
  return { hands, told, runs, tell: (event: string) => target.dispatchEvent(new Event(event)) };
}

test('with free hands everything runs at once', () => {
  const { hands, told, runs } = withRuns();
  hands.whenFree(runs.a);
  hands.whenFree(runs.a);
  expect(told).toEqual(['a', 'a']);
});

test.each(['pointerup', 'pointercancel', 'blur'])(
  'while a button is held it waits for %s, and runs once',
  (end) => {
    const { hands, told, runs, tell } = withRuns();
    tell('pointerdown');
    for (const run of [runs.a, runs.b, runs.a]) hands.whenFree(run);
    expect(told).toEqual([]);
    tell(end);
    expect(told).toEqual(['a', 'b']);
    tell(end);
    hands.whenFree(runs.b);
    expect(told).toEqual(['a', 'b', 'b']);
  },
);

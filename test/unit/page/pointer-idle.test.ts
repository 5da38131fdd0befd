import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { PointerIdle } from '../../../src/page/api/pointer-idle.ts';

let watchPointer: (target: EventTarget) => PointerIdle;
beforeAll(async () => {
  vi.stubGlobal('window', new EventTarget()); // the module watches it loads
  ({ watchPointer } = await import('../../../src/page/api/pointer-idle.ts'));
});
afterAll(() => vi.unstubAllGlobals());

function withRuns() {
  const target = new EventTarget();
  const pointer = watchPointer(target);
  const told: string[] = [];
  const runs = { a: () => told.push('a'), b: () => told.push('b') };
  return { pointer, told, runs, tell: (event: string) => target.dispatchEvent(new Event(event)) };
}

test('while no button is held everything runs at once', () => {
  const { pointer, told, runs } = withRuns();
  pointer.whenIdle(runs.a);
  pointer.whenIdle(runs.a);
  expect(told).toEqual(['a', 'a']);
});

test.each(['pointerup', 'pointercancel', 'blur'])(
  'while a button is held it waits for %s, and runs once',
  (end) => {
    const { pointer, told, runs, tell } = withRuns();
    tell('pointerdown');
    for (const run of [runs.a, runs.b, runs.a]) pointer.whenIdle(run);
    expect(told).toEqual([]);
    tell(end);
    expect(told).toEqual(['a', 'b']);
    tell(end);
    pointer.whenIdle(runs.b);
    expect(told).toEqual(['a', 'b', 'b']);
  },
);

/**
 * What the page asks of itself waits while a button of the pointer is held: somebody drags over a picture, and a question
 * and the drawing of its answer would cost frames.
 */
export interface Hands {
  /** Now, or when the button is let go; once, however often it was asked for meanwhile. */
  whenFree(run: () => void): void;
}

/** @param target - where pointers are heard of, as the window */
export function watchHands(target: EventTarget): Hands {
  const waiting = new Set<() => void>();
  let isHeld = false;
  const letGo = () => {
    isHeld = false;
    const runs = [...waiting];
    waiting.clear();
    for (const run of runs) run();
  };
  const hold = () => {
    isHeld = true;
  };
  // heard before whoever draws, so that nobody can keep them
  target.addEventListener('pointerdown', hold, { capture: true });
  for (const end of ['pointerup', 'pointercancel', 'blur'])
    target.addEventListener(end, letGo, { capture: true });
  return {
    whenFree: (run) => {
      if (isHeld) waiting.add(run);
      else run();
    },
  };
}

/** Those at this page. */
export const hands = watchHands(window);

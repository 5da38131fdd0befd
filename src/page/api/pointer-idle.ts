/**
 * Delays what the page does by itself while a pointer button is held: during a drag over a picture, a request and the
 * rendering of its response would cost frames.
 */
export interface PointerIdle {
  /** Runs now, or once when the button is released, however often it was requested until then. */
  whenIdle(run: () => void): void;
}

/** @param target - receives the pointer events, as the window does */
export function watchPointer(target: EventTarget): PointerIdle {
  const waiting = new Set<() => void>();
  let isHeld = false;
  const release = () => {
    isHeld = false;
    const runs = [...waiting];
    waiting.clear();
    for (const run of runs) run();
  };
  const hold = () => {
    isHeld = true;
  };
  // in the capture phase, so that no component can stop them
  target.addEventListener('pointerdown', hold, { capture: true });
  for (const end of ['pointerup', 'pointercancel', 'blur'])
    target.addEventListener(end, release, { capture: true });
  return {
    whenIdle: (run) => {
      if (isHeld) waiting.add(run);
      else run();
    },
  };
}

/** Of this window. */
export const pointerIdle = watchPointer(window);

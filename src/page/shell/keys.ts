import { useEffect, useRef } from 'react';

/** A key as `KeyboardEvent.key` names it, and what it does. */
export type Keys = readonly (readonly [key: string, act: (event: KeyboardEvent) => void])[];

/** Whether a key belongs to what has the focus: text is typed there, and a control has keys of its own. */
function isTaken({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest('input:not([type=radio]), textarea, select, [role=dialog]') !== null) return true;
  return key === 'Enter' && target.closest('button, a') !== null;
}

const OFF = 'nii-keys-off';

/** People who speak to their computer, or whose hands shake, set off keys that they did not mean: they can end them. */
export const areKeysOn = (): boolean => window.localStorage.getItem(OFF) === null;

export function setKeys(on: boolean): void {
  if (on) window.localStorage.removeItem(OFF);
  else window.localStorage.setItem(OFF, '1');
}

/** Single keys of the page; with Ctrl, Alt or Meta they are the browser's. */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!areKeysOn() || event.ctrlKey || event.altKey || event.metaKey || isTaken(event)) return;
      const [, act] = latest.current.find(([key]) => key === event.key) ?? [];
      if (act === undefined) return;
      event.preventDefault();
      act(event);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}

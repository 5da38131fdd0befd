import { useCallback, useEffect, useRef, useState } from 'react';
import { troubleOf } from './client.ts';
import { isLive, onChange, type Topic } from './events.ts';
import { hands } from './hands.ts';

/** While no events come, lists that change are asked for so often. */
const WITHOUT_EVENTS_MS = 5_000;
/** Time itself changes something, as what is past due: so a list is asked for now and then, events or not. */
const ANYWAY_MS = 60_000;

export interface Asked<T> {
  /** The last that came. */
  readonly value: T | undefined;
  /** Why the newest did not come. */
  readonly trouble: string | undefined;
  readonly again: () => Promise<void>;
  /** Takes what a change answered, instead of asking again. */
  readonly keep: (value: T) => void;
}

/**
 * Asks the service, and again whenever what it asks about has changed.
 * @param ask - another function asks anew, so it is kept from one drawing to the next
 * @param about - never another array, either
 */
export function useAsked<T>(ask: () => Promise<T>, about?: readonly Topic[]): Asked<T> {
  const [value, setValue] = useState<T>();
  const [trouble, setTrouble] = useState<string>();
  /** Of two answers on their way the one that was asked for last counts. */
  const turn = useRef(0);
  const again = useCallback(async () => {
    const mine = ++turn.current;
    try {
      const next = await ask();
      if (mine !== turn.current) return;
      setValue(next);
      setTrouble(undefined);
    } catch (error) {
      if (mine === turn.current) setTrouble(troubleOf(error));
    }
  }, [ask]);
  const keep = useCallback((next: T) => {
    turn.current += 1;
    setValue(next);
  }, []);
  useEffect(() => {
    void again();
    return about && keepAsking(again, about);
  }, [again, about]);
  return { value, trouble, again, keep };
}

/** @returns ends it */
function keepAsking(again: () => Promise<void>, about: readonly Topic[]): () => void {
  let asked = performance.now();
  const askNow = () => {
    asked = performance.now();
    void again();
  };
  const ask = () => hands.whenFree(askNow);
  const timer = window.setInterval(() => {
    if (document.visibilityState !== 'visible') return;
    if (!isLive() || performance.now() - asked >= ANYWAY_MS) ask();
  }, WITHOUT_EVENTS_MS);
  const leave = onChange(about, ask);
  return () => {
    window.clearInterval(timer);
    leave();
  };
}

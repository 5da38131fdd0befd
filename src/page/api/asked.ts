import { useCallback, useEffect, useRef, useState } from 'react';
import { troubleOf } from './client.ts';

/** Lists that change while people look at them are asked for so often. */
export const POLL_MS = 5_000;

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
 * Asks the service, and again and again where `everyMs` is given.
 * @param ask - another function asks anew, so it is kept from one drawing to the next
 */
export function useAsked<T>(ask: () => Promise<T>, everyMs?: number): Asked<T> {
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
    if (everyMs === undefined) return undefined;
    const timer = window.setInterval(() => void again(), everyMs);
    return () => window.clearInterval(timer);
  }, [again, everyMs]);
  return { value, trouble, again, keep };
}

import { useCallback, useEffect, useRef, useState } from 'react';
import { queryErrorText } from './client.ts';
import { isLive, onChange, type Topic } from './events.ts';
import { pointerIdle } from './pointer-idle.ts';

/** Interval of requests while no events come. */
const WITHOUT_EVENTS_MS = 5_000;
/** Time alone changes some answers, such as what is past due: older ones are requested again without an event. */
const MOST_AGE_MS = 60_000;

export interface Query<T> {
  /** The latest response; undefined before the first. */
  readonly value: T | undefined;
  /** Why the latest request failed. */
  readonly problem: string | undefined;
  readonly reload: () => Promise<void>;
  /** Takes the response to a change as the value, without another request. */
  readonly replace: (value: T) => void;
}

/**
 * Sends a request when the component opens, and again whenever one of the topics changes.
 * @param request - a new function is a new request, so pass the same one each time
 * @param topics - pass the same array each time
 */
export function useQuery<T>(request: () => Promise<T>, topics?: readonly Topic[]): Query<T> {
  const [value, setValue] = useState<T>();
  const [problem, setProblem] = useState<string>();
  /** Only the response to the latest request counts. */
  const turn = useRef(0);
  const reload = useCallback(async () => {
    const mine = ++turn.current;
    try {
      const next = await request();
      if (mine !== turn.current) return;
      setValue(next);
      setProblem(undefined);
    } catch (error) {
      if (mine === turn.current) setProblem(queryErrorText(error));
    }
  }, [request]);
  const replace = useCallback((next: T) => {
    turn.current += 1;
    setValue(next);
  }, []);
  useEffect(() => {
    void reload();
    return topics && refreshOnChange(reload, topics);
  }, [reload, topics]);
  return { value, problem, reload, replace };
}

/** @returns a function that stops it */
function refreshOnChange(reload: () => Promise<void>, topics: readonly Topic[]): () => void {
  let reloadedAt = performance.now();
  const reloadNow = () => {
    reloadedAt = performance.now();
    void reload();
  };
  const refresh = () => pointerIdle.whenIdle(reloadNow);
  const timer = window.setInterval(() => {
    if (document.visibilityState !== 'visible') return;
    if (!isLive() || performance.now() - reloadedAt >= MOST_AGE_MS) refresh();
  }, WITHOUT_EVENTS_MS);
  const leave = onChange(topics, refresh);
  return () => {
    window.clearInterval(timer);
    leave();
  };
}

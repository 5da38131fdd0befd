import { pointerIdle } from './pointer-idle.ts';

/** Whether the service is reached: what the page asks says it, and a small question where nothing else is asked. */

const ADDRESS = '/v1/health/live';
/** A lost line shows within both of these. */
const ASK_MS = 4_000;
const ANSWER_MS = 5_000;
/** A proxy says these where the service behind it is gone, or starts. */
const isGone = (status: number) => status === 502 || status === 503 || status === 504;

const listeners = new Set<() => void>();
let isLost = false;
let reachedAt = performance.now();

function tell(lost: boolean): void {
  if (!lost) reachedAt = performance.now();
  if (lost === isLost) return;
  isLost = lost;
  for (const listener of listeners) listener();
}

/** Of an answer to anything that the page asked. */
export const reportResponse = (status: number): void => tell(isGone(status));
/** Of a question that no answer came to. What the page itself gave up says nothing of the line. */
export function reportNoResponse(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) tell(true);
}

async function ask(): Promise<void> {
  if (document.visibilityState !== 'visible') return;
  if (!isLost && performance.now() - reachedAt < ASK_MS) return;
  try {
    const answer = await fetch(ADDRESS, { cache: 'no-store', signal: AbortSignal.timeout(ANSWER_MS) });
    reportResponse(answer.status);
  } catch {
    tell(true);
  }
}

function watch(): () => void {
  const lose = () => tell(true);
  const look = () => void ask();
  const timer = window.setInterval(() => pointerIdle.whenIdle(look), ASK_MS);
  window.addEventListener('offline', lose);
  window.addEventListener('online', look);
  return () => {
    window.clearInterval(timer);
    window.removeEventListener('offline', lose);
    window.removeEventListener('online', look);
  };
}

let unwatch: (() => void) | undefined;

/** @returns ends it */
export function onConnectionChange(changed: () => void): () => void {
  listeners.add(changed);
  unwatch ??= watch();
  return () => {
    listeners.delete(changed);
    if (listeners.size > 0) return;
    unwatch?.();
    unwatch = undefined;
  };
}

export const isDisconnected = (): boolean => isLost;

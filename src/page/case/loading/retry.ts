import { Rejected } from '../../api/client.ts';

const SHORTEST_MS = 1_000;
const LONGEST_MS = 10_000;

/** The line was lost, or the service is starting again; what it rejects for good is not asked for again. */
function isPassing(error: unknown): boolean {
  if (error instanceof Rejected) return error.status === 0 || error.status === 429 || error.status >= 500;
  return error instanceof TypeError;
}

/** Until a time is over, the browser says that the line is back, or the signal ends it. */
function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = window.setTimeout(end, ms);
    function end() {
      window.clearTimeout(timer);
      window.removeEventListener('online', end);
      signal.removeEventListener('abort', end);
      resolve();
    }
    window.addEventListener('online', end);
    signal.addEventListener('abort', end);
  });
}

/**
 * Asks until there is an answer, with longer waits in between.
 * @param tell - true when the line is lost, false when it is back
 * @throws Rejected with what the service rejects for good; what was thrown last when the signal ends it
 */
export async function retry<T>(
  ask: () => Promise<T>,
  tell: (isLost: boolean) => void,
  signal: AbortSignal,
): Promise<T> {
  for (let wait = SHORTEST_MS; ; wait = Math.min(LONGEST_MS, wait * 2)) {
    try {
      const answer = await ask();
      tell(false);
      return answer;
    } catch (error) {
      if (signal.aborted || !isPassing(error)) throw error;
      tell(true);
      await waitFor(wait, signal);
      if (signal.aborted) throw error;
    }
  }
}

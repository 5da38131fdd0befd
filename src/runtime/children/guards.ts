import { residentBytes } from '../resident.ts';
import { ChildFailure } from './child-failure.ts';

const POLL_MS = 50;

export interface Bounds {
  /** For the whole call. */
  readonly timeoutMs?: number;
  /** Between two signs of progress. */
  readonly silenceMs?: number;
  /** Most memory that the process may have had resident. */
  readonly memoryBytes?: number;
}

/** Watches over one call. */
export interface Guards {
  /** There is progress. @param silenceMs - until the next sign of it, instead of the bound */
  noteProgress(silenceMs?: number): void;
  end(): void;
}

/** @param onBreach - is called once for each bound that is broken */
export function watch(
  pid: number | undefined,
  { timeoutMs, silenceMs, memoryBytes }: Bounds,
  onBreach: (failure: ChildFailure) => void,
): Guards {
  const timer = startTimer(timeoutMs, () =>
    onBreach(new ChildFailure('time', `did not respond within ${timeoutMs} ms`)),
  );
  const waitForProgress = (ms: number | undefined) =>
    startTimer(ms, () => onBreach(new ChildFailure('silence', `reported nothing for ${ms} ms`)));
  let silence = waitForProgress(silenceMs);
  const poll = memoryBytes === undefined ? undefined : pollMemory(pid, memoryBytes, onBreach);
  return {
    noteProgress: (nextMs = silenceMs) => {
      clearTimeout(silence);
      silence = waitForProgress(nextMs);
    },
    end: () => {
      clearTimeout(timer);
      clearTimeout(silence);
      clearInterval(poll);
    },
  };
}

function startTimer(ms: number | undefined, action: () => void): NodeJS.Timeout | undefined {
  return ms === undefined ? undefined : setTimeout(action, ms);
}

function pollMemory(
  pid: number | undefined,
  memoryBytes: number,
  onBreach: (failure: ChildFailure) => void,
): NodeJS.Timeout {
  return setInterval(() => {
    void residentBytes(pid).then((bytes) => {
      if (bytes > memoryBytes)
        onBreach(new ChildFailure('memory', `used more than ${memoryBytes} bytes of memory`));
    });
  }, POLL_MS);
}

import { processorWaitMs, residentBytes } from '../resident.ts';
import { ChildFailure } from './child-failure.ts';

const POLL_MS = 50;
/** No bound takes longer than so many times its length, unless it says otherwise. */
const MOST_TIMES = 2;

export interface Bounds {
  /** For the whole call. */
  readonly timeoutMs?: number;
  /** Time in which the process waits for a processor does not count, but the call takes no longer than this in all. */
  readonly mostMs?: number;
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
  { timeoutMs, mostMs, silenceMs, memoryBytes }: Bounds,
  onBreach: (failure: ChildFailure) => void,
): Guards {
  const endTimer = startTimer(pid, { ms: timeoutMs, mostMs }, () =>
    onBreach(new ChildFailure('time', `did not respond within ${timeoutMs} ms`)),
  );
  const waitForProgress = (ms: number | undefined) =>
    startTimer(pid, { ms }, () => onBreach(new ChildFailure('silence', `reported nothing for ${ms} ms`)));
  let endSilence = waitForProgress(silenceMs);
  const poll = memoryBytes === undefined ? undefined : pollMemory(pid, memoryBytes, onBreach);
  return {
    noteProgress: (nextMs = silenceMs) => {
      endSilence();
      endSilence = waitForProgress(nextMs);
    },
    end: () => {
      endTimer();
      endSilence();
      clearInterval(poll);
    },
  };
}

interface TimeBound {
  readonly ms: number | undefined;
  readonly mostMs?: number | undefined;
}

/** @returns what ends the timer */
function startTimer(pid: number | undefined, bound: TimeBound, action: () => void): () => void {
  const { ms } = bound;
  if (ms === undefined) return () => {};
  const mostMs = bound.mostMs ?? MOST_TIMES * ms;
  const began = performance.now();
  const waitedBefore = processorWaitMs(pid);
  const look = () => {
    const elapsed = performance.now() - began;
    const waited = Math.max(0, processorWaitMs(pid) - waitedBefore);
    const left = Math.min(ms - elapsed + waited, mostMs - elapsed);
    // what came while this process was busy is read first
    if (left <= 0) last = setImmediate(action);
    else timer = setTimeout(look, left);
  };
  let timer = setTimeout(look, ms);
  let last: NodeJS.Immediate | undefined;
  return () => {
    clearTimeout(timer);
    clearImmediate(last);
  };
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

import { writeFileSync } from 'node:fs';

const KIB = 1024;

/** Resident memory of this process now, and its highest since the last `restart`. */
export interface PeakMeter {
  restart(): void;
  growth(): number;
}

/** Linux resets the highest mark by writing 5 to clear_refs (proc(5)); elsewhere it only ever rises. */
export function peakMeter(): PeakMeter {
  let before = 0;
  let resets = true;
  return {
    restart: () => {
      if (resets) resets = tryReset();
      before = process.resourceUsage().maxRSS * KIB;
    },
    growth: () => Math.max(0, process.resourceUsage().maxRSS * KIB - before),
  };
}

function tryReset(): boolean {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
    return true;
  } catch {
    return false;
  }
}

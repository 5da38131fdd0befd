/** The shortest history that still shows a fault: acts are left out, and each of the others draws as it did. */
import type { Plan } from './plan.ts';
import { type Played, play, type SeenFault } from './play.ts';
import type { Port } from './port.ts';

const TRIES_CEILING = 80;

export async function shrink(
  port: Port,
  plan: Plan,
  acts: readonly number[],
  fault: SeenFault,
  until: number,
): Promise<Played> {
  const isLedOut = fault.act >= plan.times.length;
  const replay = (some: readonly number[]) => play(port, { plan, acts: some, watches: 'end', isLedOut });
  const shows = ({ faults }: Played) => faults.some(({ kind }) => kind === fault.kind);
  let kept: readonly number[] = acts.filter((act) => act <= fault.act);
  let best = await replay(kept);
  if (!shows(best)) return { ...best, story: [...best.story, '(it does not show when replayed)'] };
  const taken = await replay(best.taken);
  if (shows(taken)) [kept, best] = [best.taken, taken];
  let tries = 0;
  for (let size = kept.length >> 1; size >= 1; size = size === 1 ? 0 : size >> 1) {
    for (let at = 0; at < kept.length; ) {
      tries += 1;
      if (tries > TRIES_CEILING || Date.now() > until) return best;
      const some = kept.toSpliced(at, size);
      const played = await replay(some);
      if (!shows(played)) at += size;
      else [kept, best] = [some, played];
    }
  }
  return best;
}

/** Between two looks. */
const LOOK_MS = 50;

/** Waits until the check holds. A check that throws does not hold yet. @throws when it does not hold in time */
export async function eventually(
  what: string,
  seconds: number,
  check: () => boolean | Promise<boolean>,
): Promise<void> {
  const until = Date.now() + seconds * 1000;
  let last: unknown;
  while (!(await holds(check, (error) => (last = error)))) {
    if (Date.now() > until) throw new Error(`not within ${seconds} s: ${what}`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

async function holds(check: () => boolean | Promise<boolean>, onError: (error: unknown) => void) {
  try {
    return await check();
  } catch (error) {
    onError(error);
    return false;
  }
}

/** Why a test lets a fixed time pass. There is no reason but these; what can be waited for is, by eventually.ts. */
export const reasons = {
  work: 'the work under test has to last, so that others come while it does',
  absence: 'what must not happen would have happened by then',
  lease: 'a lease of real time has to run on',
  moment: 'kills meet whatever is going on at a moment drawn at random',
  pace: 'a scanner, reader or sender is slow, or comes again after a while, as those of the world do',
  restart: 'an init system waits before it starts a program again',
} as const;

export type Reason = keyof typeof reasons;

/** The only fixed wait in tests: test/unit/repository/fixed-sleeps.test.ts counts its calls. */
export function pause(ms: number, _reason: Reason): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

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

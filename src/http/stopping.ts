import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';

/** How often idle connections are swept while the service stops. */
const SWEEP_MS = 200;

/** Tells answers that wait for something that the service stops, so that they answer with what there is. */
export class Stopping {
  readonly #controller = new AbortController();

  constructor() {
    setMaxListeners(0, this.#controller.signal); // every stream of events listens
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  begin(): void {
    this.#controller.abort();
  }
}

/**
 * Ends waits and sweeps idle connections from the moment that the service begins to stop. Fastify alone waits for
 * connections kept alive until their time-out, more than a minute.
 */
export function sweepWhenStopping(app: FastifyInstance, stopping: Stopping): void {
  let sweep: NodeJS.Timeout | undefined;
  app.addHook('preClose', async () => {
    stopping.begin();
    sweep = setInterval(() => app.server.closeIdleConnections(), SWEEP_MS);
  });
  app.addHook('onClose', async () => clearInterval(sweep));
}

/**
 * Stops listening, lets what is in flight finish, and after `seconds` cuts what is left.
 * Answers whether everything finished by itself.
 */
export async function closeGracefully(app: FastifyInstance, seconds: number): Promise<boolean> {
  const closed = app.close().then(() => true);
  const deadline = new AbortController();
  const late = delay(seconds * 1000, false, { signal: deadline.signal, ref: false }).catch(() => false);
  const inTime = await Promise.race([closed, late]);
  deadline.abort();
  if (inTime) return true;
  app.server.closeAllConnections();
  await closed;
  return false;
}

/** Resolves when `ready` answers true, when time is up, or when the service stops; whichever comes first. */
export async function waitUntil(
  ready: () => Promise<boolean>,
  {
    seconds,
    everyMs,
    signal,
  }: { readonly seconds: number; readonly everyMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await ready()) && Date.now() < deadline && !signal.aborted) {
    await delay(Math.min(everyMs, Math.max(1, deadline - Date.now())), undefined, { signal }).catch(
      ignoreAbort,
    );
  }
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}

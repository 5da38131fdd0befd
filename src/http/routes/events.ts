import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import { placeOf } from '../../core/access.ts';
import { isNiiError, NiiError } from '../../core/errors.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Transactions } from '../../core/ports/transactions.ts';
import { type ChangeTopic, ChangeWatches, changeTopics } from '../../queries/watch-changes.ts';
import { actorOf, admitAgain } from '../access.ts';
import { type RouteContext, route } from '../route.ts';
import { closed } from '../schemas/requests.ts';

/** Then the browser asks again; so no proxy cuts a stream, and what is left of a lost line ends. */
const USUAL_SECONDS = 55;
/** Changes that follow each other are told together. */
const TOGETHER_MS = 500;
/** A session that has ended hears nothing after this long, and a line that says nothing is not taken for a lost one. */
const LOOK_AGAIN_MS = 5_000;
const AGAIN_AFTER_MS = 250;
/** Of one person or key, in this process. */
const STREAMS_EACH = 16;

const Query = Type.Object(
  {
    wait: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 60,
        description: `Seconds after which the stream ends. Default: ${USUAL_SECONDS}`,
      }),
    ),
  },
  closed,
);
const Headers = Type.Object({
  'last-event-id': Type.Optional(
    Type.String({
      maxLength: 200,
      description: 'Id of the last event; later changes are sent first',
    }),
  ),
});
const Stream = Type.String({
  description:
    'Events `changed`. `id` is a cursor of /v1/changes; `data` is JSON: `{"topics": [...]}` with ' +
    `the kinds of things that changed (${changeTopics.join(', ')}). The first event comes at once. \`ended\`: the session is over.`,
});

/** Tells those who look at a page that there is something new. */
export const eventRoutes = [
  route({
    id: 'watchChanges',
    method: 'GET',
    url: '/v1/events',
    tag: 'record',
    right: 'watch changes',
    summary: 'Stream the kinds of changes at the site, as server-sent events',
    config: { isBackground: true },
    schema: {
      querystring: Query,
      headers: Headers,
      response: { 200: { description: 'The stream', content: { 'text/event-stream': { schema: Stream } } } },
    },
    handler: ({
      records,
      stopping,
    }: { readonly records: Transactions<Tx<'endOfChanges' | 'changes'>> } & Pick<
      RouteContext,
      'stopping'
    >) => {
      const watches = new ChangeWatches(records);
      const open = new Map<string, number>();
      return async (request, reply) => {
        const { keyId } = actorOf(request);
        const held = open.get(keyId) ?? 0;
        if (held >= STREAMS_EACH)
          throw new NiiError(
            'NII_RATE_LIMITED',
            `At most ${STREAMS_EACH} event streams at a time for each key`,
          );
        open.set(keyId, held + 1);
        const free = () => {
          const left = (open.get(keyId) ?? 1) - 1;
          if (left === 0) open.delete(keyId);
          else open.set(keyId, left);
        };
        const news = new News();
        try {
          const leave = await watches.follow(placeOf(actorOf(request)), cursorOf(request), news.add);
          const seconds = request.query.wait ?? USUAL_SECONDS;
          const frames = Readable.from(told(request, news, seconds, stopping.signal));
          frames.once('close', () => {
            leave();
            free();
          });
          reply.header('cache-control', 'private, no-store').header('x-accel-buffering', 'no');
          return await reply.type('text/event-stream').send(frames as unknown as string); // a stream of that text
        } catch (error) {
          free();
          throw error;
        }
      };
    },
  }),
];

function cursorOf({ headers }: FastifyRequest): string | undefined {
  const id = headers['last-event-id'];
  return typeof id === 'string' && id !== '' ? id : undefined;
}

/** What has not been told yet. */
class News {
  readonly #topics = new Set<ChangeTopic>();
  #cursor: string | undefined;
  #wake: () => void = () => undefined;

  readonly add = ({ topics, cursor }: { topics: readonly ChangeTopic[]; cursor: string }): void => {
    for (const topic of topics) this.#topics.add(topic);
    this.#cursor = cursor;
    this.#wake();
  };

  /** The frame that tells it; undefined where there is none. */
  take(): string | undefined {
    const cursor = this.#cursor;
    if (cursor === undefined) return undefined;
    const topics = changeTopics.filter((topic) => this.#topics.has(topic));
    this.#topics.clear();
    this.#cursor = undefined;
    return `event: changed\nid: ${cursor}\ndata: ${JSON.stringify({ topics })}\n\n`;
  }

  /** Until there is some, or the time is over. */
  async some(ms: number, signal: AbortSignal): Promise<void> {
    if (this.#cursor !== undefined) return;
    await new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      signal.addEventListener('abort', wake, { once: true });
      this.#wake = wake;
    });
  }
}

async function* told(
  request: FastifyRequest,
  news: News,
  seconds: number,
  stopping: AbortSignal,
): AsyncGenerator<string> {
  const end = performance.now() + seconds * 1000;
  yield `retry: ${AGAIN_AFTER_MS}\n\n`;
  let looked = performance.now();
  while (!stopping.aborted) {
    if (performance.now() - looked >= LOOK_AGAIN_MS) {
      looked = performance.now();
      if (!(await isStillAdmitted(request))) {
        yield 'event: ended\ndata: {}\n\n';
        return;
      }
      yield ': still here\n\n';
    }
    const frame = news.take();
    if (frame !== undefined) yield frame;
    const left = end - performance.now();
    if (left <= 0) return;
    if (frame !== undefined)
      await delay(Math.min(TOGETHER_MS, left), undefined, { signal: stopping }).catch(() => undefined);
    else await news.some(Math.min(LOOK_AGAIN_MS, left), stopping);
  }
}

/** While the database is away nobody is turned out: the next look says. */
async function isStillAdmitted(request: FastifyRequest): Promise<boolean> {
  try {
    await admitAgain(request);
    return true;
  } catch (error) {
    return !isNiiError(error, 'NII_UNAUTHENTICATED');
  }
}

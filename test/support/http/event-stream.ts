import { eventually } from '../eventually.ts';

export interface ServerEvent {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: { readonly topics?: readonly string[] };
}

/** A stream of server-sent events as a client that keeps everything sees it. */
export class EventStream {
  readonly events: ServerEvent[] = [];
  readonly #controller = new AbortController();
  status = 0;
  hasEnded = false;

  static async open(address: string, headers: Record<string, string>): Promise<EventStream> {
    const stream = new EventStream();
    const answer = await fetch(address, { headers, signal: stream.#controller.signal });
    stream.status = answer.status;
    if (answer.ok && answer.body !== null) void stream.#read(answer.body);
    else await answer.body?.cancel();
    return stream;
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let text = '';
    try {
      for await (const chunk of body) {
        const frames = (text + decoder.decode(chunk, { stream: true })).split('\n\n');
        text = frames.pop() ?? '';
        for (const frame of frames) this.#take(frame);
      }
    } catch {
      // cut, by the test or by the service
    }
    this.hasEnded = true;
  }

  #take(frame: string): void {
    const fields = new Map(frame.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line]));
    const fieldOf = (name: string) => fields.get(name)?.slice(name.length + 2);
    const event = fieldOf('event');
    if (event === undefined) return;
    this.events.push({ event, id: fieldOf('id'), data: JSON.parse(fieldOf('data') ?? '{}') });
  }

  topics(): readonly string[] {
    return [...new Set(this.events.flatMap(({ data }) => data.topics ?? []))];
  }

  /** The first event has come. */
  async begun(): Promise<this> {
    await eventually('the stream has begun', 10, () => this.events.length > 0);
    return this;
  }

  close(): void {
    this.#controller.abort();
  }
}

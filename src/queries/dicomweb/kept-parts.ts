import type { InstanceParts } from './instance-parts.ts';

/** On the machine's own disk; beyond this those used longest ago are closed. */
const MOST_BYTES = 1024 * 1024 * 1024;
/** Each has a file open. */
const MOST_KEPT = 256;

interface Kept {
  readonly made: Promise<InstanceParts>;
  bytes: number;
  users: number;
  /** No longer found; it closes with its last user. */
  isLeft: boolean;
}

/**
 * What readers made of instances, kept for the caller they made it for: a viewer asks for the same frames again, and each
 * time they would be decoded. Nobody is answered with what the reader of another caller left.
 */
export class KeptParts {
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  /**
   * The parts for this caller and question, made where they are not kept. Close them as any others.
   * @throws what `make` throws
   */
  async get(
    { caller, asked }: { readonly caller: string; readonly asked: object },
    make: () => Promise<InstanceParts>,
  ): Promise<InstanceParts> {
    const name = `${caller} ${JSON.stringify(asked)}`;
    const entry = this.#kept.get(name) ?? { made: make(), bytes: 0, users: 0, isLeft: false };
    this.#kept.delete(name);
    this.#kept.set(name, entry); // last, as the one used last
    entry.users += 1;
    try {
      const parts = await entry.made;
      this.#count(entry, parts.bytes);
      return parts.shared(() => this.#release(entry));
    } catch (error) {
      if (this.#kept.get(name) === entry) this.#kept.delete(name);
      throw error;
    }
  }

  /** Closes all that nobody reads. */
  async close(): Promise<void> {
    await Promise.all([...this.#kept.keys()].map((name) => this.#leave(name)));
  }

  #count(entry: Kept, bytes: number): void {
    if (entry.bytes === 0 && !entry.isLeft) {
      entry.bytes = bytes;
      this.#bytes += bytes;
    }
    for (const [name, oldest] of this.#kept) {
      if (this.#bytes <= MOST_BYTES && this.#kept.size <= MOST_KEPT) return;
      if (oldest !== entry) void this.#leave(name);
    }
  }

  async #leave(name: string): Promise<void> {
    const entry = this.#kept.get(name);
    if (entry === undefined) return;
    this.#kept.delete(name);
    this.#bytes -= entry.bytes;
    entry.isLeft = true;
    if (entry.users === 0) await closed(entry);
  }

  async #release(entry: Kept): Promise<void> {
    entry.users -= 1;
    if (entry.isLeft && entry.users === 0) await closed(entry);
  }
}

async function closed({ made }: Kept): Promise<void> {
  const parts = await made.catch(() => undefined); // whoever asked was told
  await parts?.close();
}

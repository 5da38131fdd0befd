import { setTimeout as delay } from 'node:timers/promises';
import type { Scope } from '../core/access.ts';
import { isNiiError } from '../core/errors.ts';
import type { ChangeRow } from '../core/ports/records/changes.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Transactions } from '../core/ports/transactions.ts';

/** What a change can be about: the first word of its kind. */
export const changeTopics = [
  'scan',
  'case',
  'danger',
  'advice',
  'hold',
  'service-hold',
  'set-aside',
  'scan-marks',
  'radiation',
  'release',
  'passage',
  'vehicle',
  'check-in',
  'scanner',
  'declaration',
  'policy',
  'site',
  'model',
  'vehicle-hold',
] as const;
export type ChangeTopic = (typeof changeTopics)[number];

/** What changed since the last time, with the cursor of the feed after it. It names nothing: whoever wants to know asks. */
export interface ChangeNotice {
  readonly topics: readonly ChangeTopic[];
  readonly cursor: string;
}

type Place = Pick<Scope, 'administration' | 'site'>;
type Listener = (notice: ChangeNotice) => void;

const ROWS = 500;
const LOOK_MS = 500;
const LOOK_AFTER_FAILURE_MS = 2_000;

/** Reads the feed once for all who watch the same place, and only while somebody does. */
export class ChangeWatches {
  readonly #records: Transactions<Tx<'endOfChanges' | 'changes'>>;
  readonly #watches = new Map<string, Watch>();

  constructor(records: Transactions<Tx<'endOfChanges' | 'changes'>>) {
    this.#records = records;
  }

  /**
   * What changed at the place since the cursor, or from now on; then each change within a second. The first notice comes at
   * once. After a cursor that is over, or with too much behind it, every topic has changed.
   *
   * @throws NII_BAD_REQUEST on what is no cursor, NII_DATABASE_UNREACHABLE
   */
  async follow(place: Place, since: string | undefined, tell: Listener): Promise<() => void> {
    const name = JSON.stringify([place.administration, place.site]);
    const watch = this.#watches.get(name) ?? new Watch(this.#records, place);
    this.#watches.set(name, watch);
    const leave = () => {
      if (watch.remove(tell) === 0) this.#watches.delete(name);
    };
    watch.add(tell);
    try {
      await watch.begin(); // first, so that nothing lies between what was missed and what it tells
      tell(await this.#missed(place, since));
    } catch (error) {
      leave();
      throw error;
    }
    return leave;
  }

  async #missed(place: Place, since: string | undefined): Promise<ChangeNotice> {
    const end = () => this.#records.transaction((tx) => tx.endOfChanges());
    if (since === undefined) return { topics: [], cursor: await end() };
    try {
      const page = await this.#records.transaction((tx) => tx.changes(place, ROWS, since));
      if (page.next === undefined) return { topics: topicsOf(page.rows), cursor: page.cursor };
    } catch (error) {
      if (!isNiiError(error, 'NII_CURSOR_EXPIRED')) throw error;
    }
    return { topics: changeTopics, cursor: await end() };
  }
}

class Watch {
  readonly #records: Transactions<Tx<'endOfChanges' | 'changes'>>;
  readonly #place: Place;
  readonly #listeners = new Set<Listener>();
  #begun: Promise<void> | undefined;
  #cursor = '';

  constructor(records: Transactions<Tx<'endOfChanges' | 'changes'>>, place: Place) {
    this.#records = records;
    this.#place = place;
  }

  add(listener: Listener): void {
    this.#listeners.add(listener);
  }

  /** How many are left. */
  remove(listener: Listener): number {
    this.#listeners.delete(listener);
    return this.#listeners.size;
  }

  /** @throws NII_DATABASE_UNREACHABLE; then the next one tries again */
  begin(): Promise<void> {
    this.#begun ??= this.#toEnd()
      .then(() => void this.#look())
      .catch((error: unknown) => {
        this.#begun = undefined;
        throw error;
      });
    return this.#begun;
  }

  async #toEnd(): Promise<void> {
    this.#cursor = await this.#records.transaction((tx) => tx.endOfChanges());
  }

  async #look(): Promise<void> {
    while (this.#listeners.size > 0) {
      await delay(LOOK_MS, undefined, { ref: false });
      const isDone = await this.#lookOnce().then(
        () => true,
        () => false, // the database is away: what changes meanwhile comes after it is back
      );
      if (!isDone) await delay(LOOK_AFTER_FAILURE_MS, undefined, { ref: false });
    }
  }

  async #lookOnce(): Promise<void> {
    try {
      const { rows, cursor } = await this.#records.transaction((tx) =>
        tx.changes(this.#place, ROWS, this.#cursor),
      );
      this.#cursor = cursor;
      if (rows.length > 0) this.#tell({ topics: topicsOf(rows), cursor });
    } catch (error) {
      if (!isNiiError(error, 'NII_CURSOR_EXPIRED')) throw error;
      await this.#toEnd();
      this.#tell({ topics: changeTopics, cursor: this.#cursor });
    }
  }

  #tell(notice: ChangeNotice): void {
    for (const listener of this.#listeners) listener(notice);
  }
}

function topicsOf(rows: readonly ChangeRow[]): readonly ChangeTopic[] {
  const words = new Set(rows.map(({ kind }) => kind.split('.')[0]));
  return changeTopics.filter((topic) => words.has(topic));
}

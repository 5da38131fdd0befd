/** What waits, by key: the keys take turns, and within a key the order of arrival holds. */
export class FairQueue<Entry> {
  /** In the order of their turns. */
  readonly #byKey = new Map<string, readonly Entry[]>();

  get size(): number {
    return [...this.#byKey.values()].reduce((total, entries) => total + entries.length, 0);
  }

  sizeOf(key: string): number {
    return this.#byKey.get(key)?.length ?? 0;
  }

  add(key: string, entry: Entry): void {
    this.#byKey.set(key, [...(this.#byKey.get(key) ?? []), entry]);
  }

  /**
   * Takes out the first entry of the first key that gets a place; its key's next turn comes after all others.
   * @param placeFor - is asked for each key in turn until it gives one
   * @param isLast - keys whose turns come after those of all others
   */
  next<Place>(
    placeFor: (key: string) => Place | undefined,
    isLast: (key: string) => boolean = () => false,
  ): { readonly entry: Entry; readonly place: Place } | undefined {
    const inTurn = [...this.#byKey].toSorted(([a], [b]) => Number(isLast(a)) - Number(isLast(b)));
    for (const [key, [entry, ...rest]] of inTurn) {
      const place = entry === undefined ? undefined : placeFor(key);
      if (entry === undefined || place === undefined) continue;
      this.#byKey.delete(key);
      if (rest.length > 0) this.#byKey.set(key, rest);
      return { entry, place };
    }
    return undefined;
  }

  /** False for an entry that does not wait. */
  remove(key: string, entry: Entry): boolean {
    const entries = this.#byKey.get(key) ?? [];
    const rest = entries.filter((other) => other !== entry);
    if (rest.length === entries.length) return false;
    if (rest.length > 0) this.#byKey.set(key, rest);
    else this.#byKey.delete(key);
    return true;
  }

  /** Takes out all. */
  drain(): readonly Entry[] {
    const all = [...this.#byKey.values()].flat();
    this.#byKey.clear();
    return all;
  }
}

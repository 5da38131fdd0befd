/** So many scans of a converter tell what its scanners usually send. */
const ENOUGH = 4;
const REMEMBERED = 8;

/**
 * What the scans of each converter lately had: a scanner that never writes an icon is not waited for. A scan that has
 * everything the last ones had goes at once.
 */
export class UsualRoles {
  readonly #seen = new Map<string, readonly (readonly string[])[]>();

  note(converter: string, roles: readonly string[]): void {
    const before = this.#seen.get(converter) ?? [];
    this.#seen.set(converter, [...before, roles].slice(-REMEMBERED));
  }

  /** Undefined until enough scans were seen. */
  of(converter: string): readonly string[] | undefined {
    const seen = this.#seen.get(converter) ?? [];
    return seen.length < ENOUGH ? undefined : [...new Set(seen.flat())];
  }
}

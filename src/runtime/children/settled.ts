/** A promise that its owner fulfils, once. */
export class Settled<Value> {
  readonly promise: Promise<Value>;
  #settle: ((value: Value) => void) | undefined;

  constructor() {
    this.promise = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** False if it is fulfilled already. */
  settle(value: Value): boolean {
    if (this.#settle === undefined) return false;
    this.#settle(value);
    this.#settle = undefined;
    return true;
  }
}

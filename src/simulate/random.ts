/**
 * Seeded random numbers: the same seed gives the same sequence on every machine.
 * Only +, -, *, / , square root and logarithm are used; none of them depends on the platform's C library
 * in V8, while sine and cosine do.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** Any 32-bit seed; a stream name separates uses of one seed, so that a new draw in one does not move another. */
  constructor(seed: number, stream = '') {
    const start = [...stream].reduce((hash, letter) => mix(hash ^ letter.charCodeAt(0)), seed | 0);
    this.#a = mix(start);
    this.#b = mix(this.#a ^ 0x9e3779b9);
    this.#c = mix(this.#b ^ 0x85ebca6b);
    for (let i = 0; i < 12; i++) this.next();
  }

  /** Uniform in [0, 1), 32 bits (sfc32 by Chris Doty-Humphrey, public domain). */
  next(): number {
    const t = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + t;
    return (t >>> 0) / 4_294_967_296;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** Uniform in the logarithm, for scales that span a factor of ten. */
  logBetween(low: number, high: number): number {
    return low * Math.exp(this.next() * Math.log(high / low));
  }

  /** Both ends included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(values: readonly [T, ...T[]] | readonly T[]): T {
    const value = values[this.integer(0, values.length - 1)];
    if (value === undefined) throw new RangeError('pick from nothing');
    return value;
  }

  /** Standard normal, by Marsaglia's polar method. */
  normal(): number {
    for (;;) {
      const x = 2 * this.next() - 1;
      const y = 2 * this.next() - 1;
      const s = x * x + y * y;
      if (s > 0 && s < 1) return x * Math.sqrt((-2 * Math.log(s)) / s);
    }
  }

  /** Counting statistics; above 50 the normal approximation, which is then within what a detector resolves. */
  poisson(mean: number): number {
    if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    const floor = Math.exp(-mean);
    let product = this.next();
    let count = 0;
    while (product > floor && count < 1000) {
      product *= this.next();
      count++;
    }
    return count;
  }
}

/** The finaliser of MurmurHash3: spreads every bit of a seed. */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}

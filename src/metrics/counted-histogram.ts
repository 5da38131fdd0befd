/** A histogram of what is stored, not of what this process saw: counted anew at each scrape. */
export interface CountedHistogram {
  readonly name: string;
  readonly help: string;
  /** Upper bounds of the buckets, in rising order. */
  readonly bounds: readonly number[];
}

/** How often a value was seen. */
interface Counted {
  readonly value: number;
  readonly count: number;
}

/** In Prometheus' text format. */
export function histogramText({ name, help, bounds }: CountedHistogram, counted: readonly Counted[]): string {
  const upTo = (bound: number) =>
    sumOf(counted.filter(({ value }) => value <= bound).map((one) => one.count));
  const count = upTo(Number.POSITIVE_INFINITY);
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} histogram`,
    ...bounds.map((bound) => `${name}_bucket{le="${bound}"} ${upTo(bound)}`),
    `${name}_bucket{le="+Inf"} ${count}`,
    `${name}_sum ${sumOf(counted.map((one) => one.value * one.count))}`,
    `${name}_count ${count}`,
    '',
  ].join('\n');
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0);
}

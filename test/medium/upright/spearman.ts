/** Spearman's rank correlation of two lists of the same length, -1 to 1; equal values share the mean of their ranks. */
export function spearman(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new RangeError(`${a.length} values cannot be compared with ${b.length}`);
  return pearson(ranksOf(a), ranksOf(b));
}

function ranksOf(values: ArrayLike<number>): Float64Array {
  const order = Array.from({ length: values.length }, (_, i) => i).sort(
    (a, b) => at(values, a) - at(values, b),
  );
  const ranks = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    const value = at(values, order[from] ?? 0);
    let to = from + 1;
    while (to < order.length && at(values, order[to] ?? 0) === value) to += 1;
    for (const i of order.slice(from, to)) ranks[i] = (from + to - 1) / 2;
    from = to;
  }
  return ranks;
}

function at(values: ArrayLike<number>, i: number): number {
  return values[i] ?? Number.NaN;
}

/** 0 where one of the lists holds one value only. */
function pearson(a: Float64Array, b: Float64Array): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  let [both, ofA, ofB] = [0, 0, 0];
  for (let i = 0; i < a.length; i += 1) {
    const [x, y] = [at(a, i) - meanA, at(b, i) - meanB];
    both += x * y;
    ofA += x * x;
    ofB += y * y;
  }
  return ofA === 0 || ofB === 0 ? 0 : both / Math.sqrt(ofA * ofB);
}

function mean(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}

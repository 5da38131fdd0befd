/** Share of a standard normal distribution below x, within 1e-7. */
export function normalCdf(x: number): number {
  if (x > 40) return 1;
  if (x < -40) return 0;
  return x < 0 ? upperTail(-x) : 1 - upperTail(x);
}

/** Abramowitz and Stegun, formula 26.2.17: |error| < 7.5e-8. */
function upperTail(x: number): number {
  const t = 1 / (1 + 0.2316419 * x);
  const series =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * series;
}

/** The value below which this share of a standard normal distribution lies. @param share above 0 and below 1 */
export function normalQuantile(share: number): number {
  let low = -40;
  let high = 40;
  // the tail formula is good to 1e-7, and 60 halvings of 80 go far below that
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

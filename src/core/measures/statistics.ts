/** Shares and agreement with their intervals of 95 %. Tables of textbooks and closed forms are in the tests. */

/** Of the normal distribution, both sides. */
const Z = 1.959963984540054;

export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Wilson's interval (1927). Undefined where nothing was counted. */
export function wilson(count: number, of: number): Estimate | undefined {
  if (of <= 0) return undefined;
  const value = count / of;
  const z2 = (Z * Z) / of;
  const middle = (value + z2 / 2) / (1 + z2);
  const half = (Z / (1 + z2)) * Math.sqrt((value * (1 - value)) / of + z2 / (4 * of));
  // At both ends the interval touches the value; arithmetic would miss it by a rounding
  return {
    value,
    low: count === 0 ? 0 : Math.max(0, middle - half),
    high: count === of ? 1 : Math.min(1, middle + half),
  };
}

/** Clopper and Pearson's exact interval (1934); also of counts that are not whole, as Korn and Graubard (1998) use it. */
export function clopperPearson(count: number, of: number): Estimate | undefined {
  if (of <= 0) return undefined;
  const tail = 0.025;
  return {
    value: count / of,
    low: count <= 0 ? 0 : betaQuantile(tail, count, of - count + 1),
    high: count >= of ? 1 : betaQuantile(1 - tail, count + 1, of - count),
  };
}

/**
 * A share from a sample in which each one was drawn with a share of its own: each counts for one over that share, and the
 * sample is as large as one without weights that is as exact (Kish).
 */
export function weightedShare(sum: number, ofSquares: number, ofFinds: number): Estimate | undefined {
  if (sum <= 0 || ofSquares <= 0) return undefined;
  const effective = (sum * sum) / ofSquares;
  return clopperPearson((ofFinds / sum) * effective, effective);
}

/** Of two who say yes or no: how often both, only the first, only the other, neither. */
export interface TwoByTwo {
  readonly yesYes: number;
  readonly yesNo: number;
  readonly noYes: number;
  readonly noNo: number;
}

/**
 * Cohen's kappa with the interval of Fleiss, Cohen and Everitt (1969). Undefined where both always say the same one word:
 * nobody can tell agreement from chance then.
 */
export function kappa({ yesYes, yesNo, noYes, noNo }: TwoByTwo): Estimate | undefined {
  const n = yesYes + yesNo + noYes + noNo;
  if (n === 0) return undefined;
  const cells = [
    [yesYes / n, yesNo / n],
    [noYes / n, noNo / n],
  ] as const;
  const first = [cells[0][0] + cells[0][1], cells[1][0] + cells[1][1]] as const;
  const second = [cells[0][0] + cells[1][0], cells[0][1] + cells[1][1]] as const;
  const observed = cells[0][0] + cells[1][1];
  const expected = first[0] * second[0] + first[1] * second[1];
  if (expected >= 1) return undefined;
  const value = (observed - expected) / (1 - expected);
  const half = Z * Math.sqrt(varianceOfKappa(cells, first, second, value, expected) / n);
  return { value, low: Math.max(-1, value - half), high: Math.min(1, value + half) };
}

type Two = readonly [number, number];

function varianceOfKappa(
  cells: readonly [Two, Two],
  first: Two,
  second: Two,
  value: number,
  expected: number,
): number {
  const rest = 1 - value;
  const agreed = [0, 1] as const;
  const onDiagonal = agreed
    .map((i) => cells[i][i] * (1 - (first[i] + second[i]) * rest) ** 2)
    .reduce((sum, one) => sum + one, 0);
  const beside =
    rest ** 2 * (cells[0][1] * (second[0] + first[1]) ** 2 + cells[1][0] * (second[1] + first[0]) ** 2);
  const variance = (onDiagonal + beside - (value - expected * rest) ** 2) / (1 - expected) ** 2;
  return Math.max(0, variance);
}

/** Halvings that bring an interval of 1 below the precision of a double. */
const HALVINGS = 60;

function betaQuantile(share: number, a: number, b: number): number {
  let [low, high] = [0, 1];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (betaShare(middle, a, b) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The regularised incomplete beta function: how much of the beta distribution lies below x. */
function betaShare(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges fast on one side of the mean alone
  if (x > (a + 1) / (a + b + 2)) return 1 - betaShare(1 - x, b, a);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  return (front * betaFraction(x, a, b)) / a;
}

/** More steps than any sample needs that fits a period. */
const MOST_STEPS = 10_000;
const TINY = 1e-300;

/** Its continued fraction by the method of Lentz. */
function betaFraction(x: number, a: number, b: number): number {
  const away = (value: number) => (Math.abs(value) < TINY ? TINY : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= MOST_STEPS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    const change = d * c;
    fraction *= change;
    if (Math.abs(change - 1) < 1e-15) break;
  }
  return fraction;
}

/** Stirling's series, from where it is exact to the last digits; below that by the recurrence. */
function logGamma(x: number): number {
  let shifted = x;
  let before = 0;
  while (shifted < 12) {
    before += Math.log(shifted);
    shifted += 1;
  }
  const inverse = 1 / shifted;
  const square = inverse * inverse;
  const series =
    inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188))));
  return (shifted - 0.5) * Math.log(shifted) - shifted + Math.log(2 * Math.PI) / 2 + series - before;
}

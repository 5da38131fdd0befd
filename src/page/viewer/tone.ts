import type { Curve, Enhancement, ViewSettings } from './settings.ts';

/** The logarithmic curve is ln(1 + K t) / ln(1 + K): a hundredth of the window is a third of the brightness. */
export const LOGARITHM_K = 1000;

/** From a sample value to brightness, 0 to 1, before enhancement and inversion. */
export function toneOf(
  { window, curve, enhancement }: Pick<ViewSettings, 'window' | 'curve' | 'enhancement'>,
  fullScale: number,
): (value: number) => number {
  if (enhancement.kind === 'sweep') return sweepTone(enhancement, fullScale);
  const range = window.high > window.low ? window.high - window.low : 1;
  const bend = bendOf(curve);
  return (value) => bend(clamp01((value - window.low) / range));
}

function bendOf(curve: Curve): (share: number) => number {
  switch (curve.kind) {
    case 'linear':
      return (share) => share;
    case 'square-root':
      return Math.sqrt;
    case 'logarithmic':
      return (share) => Math.log(1 + LOGARITHM_K * share) / Math.log(1 + LOGARITHM_K);
    case 'gamma':
      return (share) => share ** (1 / curve.gamma);
  }
}

/** White where less is absorbed than the band, black where more is. */
function sweepTone(
  { position, width }: Extract<Enhancement, { readonly kind: 'sweep' }>,
  fullScale: number,
): (value: number) => number {
  const whole = Math.log(Math.max(fullScale, 2));
  return (value) => {
    const absorbed = (whole - Math.log(Math.max(value, 1))) / whole;
    return clamp01((position + width / 2 - absorbed) / Math.max(width, 1e-6));
  };
}

export function clamp01(value: number): number {
  return Math.min(1, Math.max(0, value));
}

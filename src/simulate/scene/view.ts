import type { Part, Rect } from './shapes.ts';

/**
 * A fan beam from one height: what is nearer to the source appears larger, away from the source's height.
 * There is no such magnification along the vehicle, where the scan moves.
 */
export interface FanBeam {
  readonly sourceHeightMm: number;
  /** Relative magnification at the side of the source; at the far side the same, smaller. */
  readonly spread: number;
}

/** A rectangle at position `across` (-1..1) as it is projected into the middle plane. */
function projectRect(beam: FanBeam, box: Rect, across: number): Rect {
  const scale = 1 + beam.spread * across;
  return {
    ...box,
    y: beam.sourceHeightMm + (box.y - beam.sourceHeightMm) * scale,
    height: box.height * scale,
  };
}

export function projectPart(beam: FanBeam, part: Part): Part {
  if (part.across === undefined) return part;
  return { ...part, box: projectRect(beam, part.box, part.across) };
}

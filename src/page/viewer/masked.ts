import type { Lines } from '../../core/scan/cab.ts';
import type { Channel } from '../../core/scan/scan.ts';
import type { Sides } from './geometry.ts';

/** Lines that are covered, and that no figure counts. */

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Lines as a box of stored samples. */
export function boxOfLines({ axis, from, to }: Lines, { rows, columns }: Sides): Box {
  return axis === 'columns'
    ? { x: from, y: 0, width: to - from, height: rows }
    : { x: 0, y: from, width: columns, height: to - from };
}

export function isMasked(masked: readonly Lines[], row: number, column: number): boolean {
  return masked.some(({ axis, from, to }) => {
    const line = axis === 'columns' ? column : row;
    return from <= line && line < to;
  });
}

/** The channel with masked lines as lines that were not measured: no figure counts them. */
export function withoutMasked<C extends Pick<Channel, 'notMeasured'>>(
  channel: C,
  masked: readonly Lines[],
): C {
  if (masked.length === 0) return channel;
  const of = (wanted: Lines['axis']) => [
    ...(channel.notMeasured?.[wanted] ?? []),
    ...masked.filter(({ axis }) => axis === wanted).map(({ from, to }) => ({ from, to })),
  ];
  return { ...channel, notMeasured: { rows: of('rows'), columns: of('columns') } };
}

import type { Channel } from '../core/scan/scan.ts';

type Colour = readonly [number, number, number];

/** The colours that readers of dual-energy pictures know. The first row of which a word stands in the label counts. */
const colours: readonly (readonly [RegExp, Colour])[] = [
  [/inorganic|mixed|light[ -]metal|alumini?um/, [0, 160, 0]],
  [/organic/, [255, 140, 0]],
  [/metal|steel|iron/, [0, 70, 200]],
  [/background|\bair\b|empty/, [255, 255, 255]],
];
/** Of a class with another label. */
const otherClass: Colour = [128, 128, 128];
/** Of a value that the legend does not name. */
const noClass: Colour = [200, 200, 200];

/** From a value of a class map to red, green and blue, 0 to 255. */
export interface ClassColours {
  readonly of: (value: number) => Colour;
  /** Values from here on have one colour. */
  readonly end: number;
}

/** How a class map is shown; undefined for a channel that is none, or whose classes are not known. */
export function classColours({
  kind,
  legend = [],
  sampleFormat,
  samplesPerPixel,
  bitsAllocated,
}: Channel): ClassColours | undefined {
  const isCounted = sampleFormat === 'unsigned' && (bitsAllocated === 8 || bitsAllocated === 16);
  if (kind !== 'class-map' || legend.length === 0 || samplesPerPixel !== 1 || !isCounted) return undefined;
  const classes = legend.map(({ from, to, label }) => ({ from, to, colour: colourOf(label) }));
  return {
    of: (value) => classes.find(({ from, to }) => from <= value && value <= to)?.colour ?? noClass,
    end: Math.max(...legend.map(({ to }) => to)) + 1,
  };
}

function colourOf(label: string): Colour {
  const words = label.toLowerCase();
  return colours.find(([pattern]) => pattern.test(words))?.[1] ?? otherClass;
}

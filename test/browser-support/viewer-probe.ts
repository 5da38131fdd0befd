import type { View } from '../../src/core/scan/scan.ts';
import type { Cell } from '../../src/page/viewer/cell.ts';
import type { ViewSettings } from '../../src/page/viewer/settings.ts';

/** What a test may ask of the viewer in a page. */
export interface ViewerProbe {
  /** Samples by channel as base64. */
  readonly show: (view: View, samples: Readonly<Record<string, string>>) => void;
  /** The same, with what was not measured filled as the page fills it. @returns how much of each channel was filled */
  readonly showFilled: (
    view: View,
    samples: Readonly<Record<string, string>>,
  ) => Readonly<Record<string, { readonly lines: number; readonly single: number } | undefined>>;
  /** How far the drawn picture lies from the computed one, as the largest difference of any colour of any pixel. */
  readonly compare: (settings: ViewSettings, width: number, height: number) => Comparison;
  /** The picture as drawn: red, green, blue, opacity. */
  readonly pixels: (settings: ViewSettings, width: number, height: number) => number[];
  readonly framesASecond: (settings: ViewSettings, width: number, height: number, frames: number) => number;
  /** Scrolls a picture of so many columns from end to end; the most that textures took, and whether all was drawn. */
  readonly scroll: (
    columns: number,
    rows: number,
  ) => { readonly mostBytes: number; readonly isComplete: boolean };
  /** Milliseconds until a large picture is there for the first time, in grey and in materials. */
  readonly firstPicture: (settings: readonly ViewSettings[], width: number, height: number) => number[];
  /** How often a plane is read when it is drawn, and again when its picture gets one channel more. */
  readonly readsOfGrowingPicture: (settings: ViewSettings) => readonly [first: number, again: number];
  /** Draws a picture of which only means of 4 x 4 samples are there, and compares it with all of it. */
  readonly comparePartial: (settings: ViewSettings, cell: Cell) => Comparison;
  /** Takes the context away, and gives it back; what the viewer said meanwhile. */
  readonly loseContext: (
    settings: ViewSettings,
  ) => Promise<{ readonly events: string[]; readonly worst: number }>;
  /** A canvas that was given back and taken again: the brightest of what was drawn, and of what is left of it. */
  readonly fromCaseToCase: (settings: ViewSettings) => {
    readonly isSame: boolean;
    readonly opacity: string;
    readonly drawn: number;
    readonly left: number;
    readonly drawnWithoutPicture: number;
  };
  /** What a viewer says that has drawn the first settings, where the browser takes no further shader. */
  readonly rejectLaterShader: (
    settings: ViewSettings,
    later: ViewSettings,
  ) => {
    readonly said: readonly string[];
    readonly first: boolean;
    readonly second: boolean;
    readonly isAvailable: boolean;
  };
  /** What a viewer says on a canvas that gives no WebGL2. */
  readonly withoutWebgl2: () => string[];
}

export interface Comparison {
  readonly worst: number;
  readonly differing: number;
  /** Colours that are there at all: one alone would compare nothing. */
  readonly colours: number;
  readonly isComplete: boolean;
}

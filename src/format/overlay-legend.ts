import type { Analysis, Finding } from '../core/case/finding.ts';
import { previewedChannel } from '../core/scan/channel-kinds.ts';
import type { Channel, NiiScan, View } from '../core/scan/scan.ts';
import { turnedCorner, turnedSides } from '../core/scan/turn.ts';
import { previewSides } from './shown.ts';

type Rgb = readonly [red: number, green: number, blue: number];

/** Values of the stored map (0 to 255), and how the overlay shows them. Below the first band it is transparent. */
export const overlayBands: readonly {
  readonly from: number;
  readonly to: number;
  readonly colour: Rgb;
  readonly opacity: number;
}[] = [
  { from: 64, to: 127, colour: [255, 220, 0], opacity: 0.35 },
  { from: 128, to: 191, colour: [255, 130, 0], opacity: 0.5 },
  { from: 192, to: 255, colour: [220, 0, 0], opacity: 0.65 },
];

/** Outlines of findings; no colour of materials, and none of the map. */
export const overlayBoxColour: Rgb = [200, 0, 200];

/** Half-open rectangle of pixels of the preview. */
export interface OverlayBox {
  readonly rowFrom: number;
  readonly rowTo: number;
  readonly columnFrom: number;
  readonly columnTo: number;
}

export interface PlacedFinding {
  readonly finding: Finding;
  readonly box: OverlayBox;
}

/** Where a map and its findings lie on the preview. */
export interface OverlayPlace {
  readonly view: View;
  /** Of the preview. */
  readonly rows: number;
  readonly columns: number;
  readonly findings: readonly PlacedFinding[];
}

/** Undefined where the model looked at another view than the one that the preview shows. */
export function overlayPlace(
  { views }: NiiScan,
  { view: seen, findings }: Analysis,
): OverlayPlace | undefined {
  const shown = previewedChannel(views);
  if (shown === undefined || shown.view.id !== seen) return undefined;
  const sides = previewSides(shown);
  const placed = findings
    .filter(({ box }) => box.view === seen)
    .map((finding) => ({ finding, box: boxOnPreview(finding.box, shown.channel, shown.view, sides) }));
  return { view: shown.view, ...sides, findings: placed };
}

/** The pixels of the preview that a box of stored samples touches. */
function boxOnPreview(
  box: OverlayBox,
  stored: Pick<Channel, 'rows' | 'columns'>,
  { display }: View,
  preview: { readonly rows: number; readonly columns: number },
): OverlayBox {
  const upright = turnedSides(stored, display);
  const corners = [
    turnedCorner([box.columnFrom, box.rowFrom], stored, display),
    turnedCorner([box.columnTo, box.rowTo], stored, display),
  ];
  const columns = corners.map(([column]) => (column * preview.columns) / upright.columns);
  const rows = corners.map(([, row]) => (row * preview.rows) / upright.rows);
  return {
    rowFrom: Math.floor(Math.min(...rows)),
    rowTo: Math.ceil(Math.max(...rows)),
    columnFrom: Math.floor(Math.min(...columns)),
    columnTo: Math.ceil(Math.max(...columns)),
  };
}

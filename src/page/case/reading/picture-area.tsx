import type { Lines } from '../../../core/cab/cab.ts';
import type { Box } from '../../../core/case/box.ts';
import type { Point, Scene } from '../../viewer/geometry.ts';
import { boxOfLines } from '../../viewer/masked.ts';
import type { Picture } from '../../viewer/picture.ts';
import type { ViewSettings } from '../../viewer/settings.ts';
import type { Unavailable } from '../../viewer/webgl/viewer.ts';
import { words } from '../../words/words.ts';
import type { Annotations } from '../annotations/annotations.ts';
import type { DrawingTool } from '../annotations/drawing.ts';
import { type Figure, MarksLayer } from '../annotations/layer.tsx';
import type { Region } from '../claim.ts';
import type { MarkedPlace, NamedFinding } from '../findings/merge.ts';
import type { VendorPlace } from '../findings/visible.ts';
import type { Channel } from '../loading/samples.ts';
import { PictureCanvas } from './canvas.tsx';
import type { Change } from './changes.ts';
import { Comparisons } from './comparison.tsx';
import { Loupe } from './loupe.tsx';
import { firstSettings } from './tones.ts';

interface Props {
  readonly caseId: string;
  readonly view: string;
  readonly picture: Picture | undefined;
  /** Lines of the view that the policy masks. */
  readonly masked: readonly Lines[];
  /** Of all samples that are wanted, 0 to 1; undefined when they are here. */
  readonly progress: number | undefined;
  readonly isLineLost: boolean;
  readonly leading: Channel | undefined;
  readonly shown: Channel | undefined;
  readonly settings: ViewSettings | undefined;
  readonly scene: Scene | undefined;
  readonly point: Point | undefined;
  readonly tool: DrawingTool | undefined;
  readonly measured: Figure | undefined;
  readonly desk: Annotations;
  readonly regions: readonly Region[];
  readonly findings: {
    readonly places: readonly MarkedPlace[];
    readonly vendorPlaces: readonly VendorPlace[];
    readonly residuals: readonly Box[];
  };
  readonly hasLoupe: boolean;
  readonly isComparing: boolean;
  readonly change: Change;
  readonly onWindow: (by: number, wider: number) => void;
  readonly onDrawn: (tool: DrawingTool, points: readonly Point[]) => void;
  readonly onCancel: () => void;
  readonly onPoint: (at: Point | undefined) => void;
  readonly onUnavailable: (why: Unavailable) => void;
  readonly onScene: (scene: Scene) => void;
}

/** The picture of the case with what is drawn over it, and another one beside it. */
export function PictureArea(props: Props) {
  const { settings, scene, shown, isComparing, change } = props;
  return (
    <div className={isComparing ? 'pictures two' : 'pictures'}>
      <OwnPicture {...props} />
      {isComparing && scene !== undefined && settings !== undefined && shown !== undefined && (
        <Comparisons
          caseId={props.caseId}
          leading={{ scene, settings, channel: shown }}
          onLead={(next) => change(() => next)}
        />
      )}
    </div>
  );
}

function OwnPicture(props: Props) {
  const { picture, settings, scene, leading, view, tool, measured, point, progress, change } = props;
  return (
    <div className="picture">
      {picture !== undefined && leading !== undefined && (
        <PictureCanvas
          picture={picture}
          settings={settings ?? firstSettings(leading)}
          onChange={change}
          onWindow={props.onWindow}
          marked={props.regions.filter((region) => region.view === view)}
          masked={props.masked.map((lines) => boxOfLines(lines, picture))}
          findings={boxesOf(props.findings)}
          onPoint={props.onPoint}
          onUnavailable={props.onUnavailable}
          onScene={props.onScene}
        />
      )}
      {scene !== undefined && settings !== undefined && (
        <MarksLayer
          key={tool ?? 'none'}
          {...{ scene, settings, tool, measured, view }}
          annotations={props.desk.shown}
          onDrawn={props.onDrawn}
          onCancel={props.onCancel}
          onPoint={props.onPoint}
          onChange={change}
        />
      )}
      {progress !== undefined && (
        <span className="over" role="status">
          {props.isLineLost
            ? words('viewer.lineLost')
            : words('viewer.loading', { percent: Math.round(progress * 100) })}
        </span>
      )}
      {props.hasLoupe &&
        point !== undefined &&
        picture !== undefined &&
        settings !== undefined &&
        scene !== undefined && <Loupe {...{ picture, settings, scene }} at={point} />}
    </div>
  );
}

function boxesOf({ places, vendorPlaces, residuals }: Props['findings']) {
  return [...places.map(boxOf), ...vendorPlaces.map(vendorBoxOf), ...residuals.map(residualBoxOf)];
}

function residualBoxOf(box: Box) {
  return { ...asMarked(box), lines: [words('viewer.residual')], isOfVendor: false };
}

function boxOf({ box, findings }: MarkedPlace) {
  const highest = findings[0]?.finding.anomalyPercentile;
  const short = highest === undefined ? undefined : `${highest.toFixed(1)} %`;
  return { ...asMarked(box), lines: findings.map(inWords), short, isOfVendor: false };
}

function vendorBoxOf({ box, name, label }: VendorPlace) {
  return { ...asMarked(box), lines: [words('viewer.vendorFinding', { label, name })], isOfVendor: true };
}

function asMarked({ rowFrom, rowTo, columnFrom, columnTo }: MarkedPlace['box']) {
  return { x: columnFrom, y: rowFrom, width: columnTo - columnFrom, height: rowTo - rowFrom };
}

function inWords({ finding: { label, anomalyPercentile }, model }: NamedFinding): string {
  if (anomalyPercentile === undefined) return `${label}, ${model}`;
  return words('viewer.finding', { label, model, percentile: anomalyPercentile.toFixed(1) });
}

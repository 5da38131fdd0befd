import type { Box } from '../../../core/case/box.ts';
import { boxOfLines } from '../../viewer/masked.ts';
import { words } from '../../words/words.ts';
import type { Annotations } from '../annotations/annotations.ts';
import { AnnotationLayer } from '../annotations/layer.tsx';
import type { MarkedPlace, NamedFinding } from '../findings/merge.ts';
import type { VendorPlace, VisibleFindings } from '../findings/visible.ts';
import { PictureCanvas } from './canvas.tsx';
import { Comparisons } from './comparison.tsx';
import { Loupe } from './loupe.tsx';
import { firstSettings } from './tones.ts';
import type { ViewReading } from './use-reading.ts';

interface Props {
  readonly caseId: string;
  readonly reading: ViewReading;
  readonly annotations: Annotations;
}

/** The picture of the case with what is drawn over it, and another one beside it. */
export function PictureArea({ caseId, reading, annotations }: Props) {
  const { settings, scene, shown, switches, change } = reading;
  const isComparing = switches.isOn('compare');
  return (
    <div className={isComparing ? 'pictures two' : 'pictures'}>
      <OwnPicture reading={reading} annotations={annotations} />
      {isComparing && scene !== undefined && settings !== undefined && shown !== undefined && (
        <Comparisons
          caseId={caseId}
          leading={{ scene, settings, channel: shown }}
          onLead={(next) => change(() => next)}
        />
      )}
    </div>
  );
}

function OwnPicture({ reading, annotations }: Omit<Props, 'caseId'>) {
  const { picture, leading, settings, scene, point, change, pen } = reading;
  const { tool, measured } = pen;
  return (
    <div className="picture">
      {picture !== undefined && leading !== undefined && (
        <PictureCanvas
          picture={picture}
          settings={settings ?? firstSettings(leading)}
          onChange={change}
          onWindow={reading.look.window}
          masked={reading.masked.map((lines) => boxOfLines(lines, picture))}
          findings={boxesOf(reading.findings)}
          onPoint={reading.setPoint}
          onUnavailable={reading.setUnavailable}
          onScene={reading.setScene}
        />
      )}
      {scene !== undefined && settings !== undefined && (
        <AnnotationLayer
          key={tool ?? 'none'}
          {...{ scene, settings, tool, measured }}
          view={reading.view.id}
          annotations={annotations.shown}
          onDrawn={pen.onDrawn}
          onCancel={() => pen.setTool(undefined)}
          onPoint={reading.setPoint}
          onChange={change}
        />
      )}
      <Progress loading={reading.loading} />
      {reading.switches.isOn('loupe') && point && picture && settings && scene && (
        <Loupe {...{ picture, settings, scene }} at={point} />
      )}
    </div>
  );
}

function Progress({ loading: { progress, isLineLost } }: Pick<ViewReading, 'loading'>) {
  if (progress === undefined) return null;
  return (
    <span className="over" role="status">
      {isLineLost
        ? words('viewer.lineLost')
        : words('viewer.loading', { percent: Math.round(progress * 100) })}
    </span>
  );
}

function boxesOf({ places, vendorPlaces, residuals }: VisibleFindings) {
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

import { useEffect, useMemo, useState } from 'react';
import type { ScanRecord } from '../../api/client.ts';
import type { Point } from '../../viewer/geometry.ts';
import { asMeasuredPicture } from '../../viewer/picture.ts';
import type { Unavailable } from '../../viewer/webgl/viewer.ts';
import type { Annotations } from '../annotations/annotations.ts';
import { type DrawingTool, isMeasure } from '../annotations/drawing.ts';
import type { Figure } from '../annotations/layer.tsx';
import type { FindingsOfScan } from '../findings/load.ts';
import { useVisibleFindings } from '../findings/visible.ts';
import type { MaskedLines } from '../loading/masked.ts';
import { usePicture } from '../loading/picture.ts';
import type { View } from '../loading/samples.ts';
import { type Switch, useReadingKeys } from './keys.ts';
import type { ReadingLog } from './reading-log.ts';
import { useLook } from './use-look.ts';

/** What the reading of one view works on. */
export interface ReadingOptions {
  readonly scanId: string;
  readonly revision: number;
  readonly view: View;
  readonly units: ScanRecord['units'];
  /** Of models and of the check of holds; undefined until it is known. */
  readonly found: FindingsOfScan | undefined;
  readonly masked: MaskedLines;
  readonly annotations: Annotations;
  readonly isHeld: boolean;
  readonly onShown: () => void;
  readonly log: ReadingLog;
}

export type ViewReading = ReturnType<typeof useReading>;

/** The state of the reading of one view: its picture, the look at it, and the tools in use. */
export function useReading(options: ReadingOptions) {
  const { scanId, revision, view, units, found, onShown, log } = options;
  const place = useMemo(() => ({ scanId, revision }), [scanId, revision]);
  const masked = useMemo(
    () => options.masked.filter((lines) => lines.view === view.id),
    [options.masked, view.id],
  );
  const { viewed, lookAt, ...loading } = usePicture(place, view);
  const switches = useSwitches(log);
  const loaded = viewed?.picture;
  const isAsMeasured = switches.isOn('as-measured');
  const picture = useMemo(
    () => (loaded && isAsMeasured ? asMeasuredPicture(loaded) : loaded),
    [loaded, isAsMeasured],
  );
  const hasPicture = picture !== undefined;
  useEffect(() => {
    if (hasPicture) onShown();
  }, [hasPicture, onShown]);
  const findings = useVisibleFindings(found, view.id, log);
  const seen = useLook({ view, units, picture, lookAt, log });
  const filled = seen.shown && loaded?.planes.get(seen.shown.id)?.filled;
  const pen = usePen(options);
  const [point, setPoint] = useState<Point>();
  const [unavailable, setUnavailable] = useState<Unavailable>();
  useReadingKeys(seen.look, { draw: pen.choose, findings: findings.toggle, toggle: switches.toggle });
  return {
    ...{ view, units, masked, picture, filled, loading, switches, findings, pen },
    ...{ point, setPoint, unavailable, setUnavailable },
    ...seen,
  };
}

/** What is on beside the picture or over it. */
function useSwitches(log: ReadingLog) {
  const [on, setOn] = useState<ReadonlySet<Switch>>(new Set());
  const set = (one: Switch, isOn: (before: boolean) => boolean) =>
    setOn((before) => {
      const others = [...before].filter((other) => other !== one);
      return new Set(isOn(before.has(one)) ? [...others, one] : others);
    });
  return {
    isOn: (one: Switch) => on.has(one),
    toggle: (one: Switch) => {
      if (one !== 'histogram') log.used([one]);
      set(one, (before) => !before);
    },
    turnOff: (one: Switch) => set(one, () => false),
  };
}

/** The tool that draws or measures, and what was measured last. */
function usePen({ view, annotations, isHeld, log }: ReadingOptions) {
  const [tool, setTool] = useState<DrawingTool>();
  const [measured, setMeasured] = useState<Figure>();
  return {
    tool,
    setTool,
    measured,
    clearMeasured: () => setMeasured(undefined),
    choose: (one: DrawingTool) => {
      if (isHeld || isMeasure(one)) setTool((before) => (before === one ? undefined : one));
    },
    onDrawn: (drawn: DrawingTool, points: readonly Point[]) => {
      setTool(undefined);
      if (!isMeasure(drawn)) return annotations.add(drawn, view.id, points);
      log.used(['measure']);
      setMeasured({ shape: drawn, points });
    },
  };
}

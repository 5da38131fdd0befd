import { useEffect, useRef } from 'react';
import { centreOn, MOST_ZOOM, type Point, type Scene } from '../../viewer/geometry.ts';
import type { Picture } from '../../viewer/picture.ts';
import type { ViewSettings } from '../../viewer/settings.ts';
import { Viewer } from '../../viewer/webgl/viewer.ts';

/** Of the page, on a side. */
const SIDE = 220;
const TIMES = 3;
/** Its textures are of a small place. */
const BUDGET_BYTES = 16 * 2 ** 20;

interface Props {
  readonly picture: Picture;
  readonly settings: ViewSettings;
  readonly scene: Scene;
  /** The stored sample in its middle. */
  readonly at: Point;
}

/** A circle of true samples, three times as large and at least a pixel each, where the pointer is. */
export function Loupe({ picture, settings, scene, at }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const viewer = useRef<Viewer>(undefined);
  useEffect(() => {
    if (canvas.current === null) return undefined;
    const made = new Viewer(canvas.current, { unavailable: () => {}, restored: () => {} }, BUDGET_BYTES);
    viewer.current = made;
    return () => made.close();
  }, []);
  useEffect(() => {
    let frame = 0;
    const draw = () => {
      viewer.current?.show(picture);
      const drawn = viewer.current?.draw(centred(scene, settings, at));
      // samples of a train come when they are asked for
      if (drawn !== undefined && drawn.tiles > 0 && !drawn.isComplete)
        frame = window.requestAnimationFrame(draw);
    };
    draw();
    return () => window.cancelAnimationFrame(frame);
  }, [picture, settings, scene, at]);
  const scale = window.devicePixelRatio || 1;
  return (
    <div className="loupe" aria-hidden="true">
      <canvas ref={canvas} width={SIDE * scale} height={SIDE * scale} />
    </div>
  );
}

/** The same look with the middle of a stored sample in the middle, three times as large, and no mean of samples. */
function centred(scene: Scene, settings: ViewSettings, { x, y }: Point): ViewSettings {
  const zoom = Math.min(MOST_ZOOM, Math.max(1, settings.zoom * TIMES));
  return { ...centreOn(scene, settings, { x: x + 0.5, y: y + 0.5 }), zoom };
}

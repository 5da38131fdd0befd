import type { Channel, View } from '../../../src/core/scan/scan.ts';
import { buildPicture } from '../../../src/page/viewer/build-picture.ts';
import { squareCell } from '../../../src/page/viewer/cell.ts';
import type { Picture } from '../../../src/page/viewer/picture.ts';
import {
  type Plane,
  planeInMemory,
  type Region,
  reductionOf,
  type Samples,
} from '../../../src/page/viewer/plane.ts';
import { ArrivingSamples } from '../../../src/page/viewer/planes/arriving.ts';
import { fillSamples } from '../../../src/page/viewer/planes/filled.ts';
import { referencePicture } from '../../../src/page/viewer/reference.ts';
import { fullScaleOf, type ViewSettings } from '../../../src/page/viewer/settings.ts';
import { returnCanvas, reveal, takeCanvas } from '../../../src/page/viewer/webgl/canvas-pool.ts';
import { Viewer } from '../../../src/page/viewer/webgl/viewer.ts';
import type { Comparison, ViewerProbe } from '../viewer-probe.ts';

const canvas = document.body.appendChild(document.createElement('canvas'));
const events: string[] = [];
const viewer = new Viewer(canvas, {
  unavailable: (why) => events.push(why),
  restored: () => events.push('restored'),
});
let shown: ReturnType<typeof buildPicture>;

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

function sizeCanvas(width: number, height: number): void {
  canvas.width = width;
  canvas.height = height;
}

function compare(settings: ViewSettings, width: number, height: number): Comparison {
  if (shown === undefined) throw new Error('nothing is shown');
  return compareWith(shown.picture, settings, width, height);
}

/** What the viewer draws now against what the samples of a picture say. */
function compareWith(picture: Picture, settings: ViewSettings, width: number, height: number): Comparison {
  sizeCanvas(width, height);
  const { isComplete } = viewer.draw(settings);
  const drawn = viewer.read();
  const wanted = referencePicture(picture, settings, { width, height });
  let worst = 0;
  let differing = 0;
  const colours = new Set<number>();
  for (let i = 0; i < wanted.length; i++) {
    const difference = Math.abs((wanted[i] ?? 0) - (drawn[i] ?? 0));
    worst = Math.max(worst, difference);
    if (difference > 1) differing++;
    if (i % 4 === 0) colours.add(((drawn[i] ?? 0) << 16) | ((drawn[i + 1] ?? 0) << 8) | (drawn[i + 2] ?? 0));
  }
  return { worst, differing, colours: colours.size, isComplete };
}

function showWith(
  view: View,
  samples: Readonly<Record<string, string>>,
  planeOf: (channel: Channel, values: Samples) => Plane,
): void {
  shown = buildPicture(view, (channel) => {
    const bytes = bytesOf(samples[channel.id] ?? '');
    return planeOf(channel, channel.bitsAllocated === 8 ? bytes : new Uint16Array(bytes.buffer));
  });
  if (shown !== undefined) viewer.show(shown.picture);
}

const probe: ViewerProbe = {
  show: (view, samples) =>
    showWith(view, samples, (channel, values) => {
      const { rows, columns } = channel;
      return planeInMemory({ rows, columns, fullScale: fullScaleOf(channel) }, values, reductionOf(channel));
    }),
  showFilled: (view, samples) => {
    showWith(view, samples, (channel, values) => {
      const { rows, columns } = channel;
      const arriving = new ArrivingSamples({
        rows,
        columns,
        bits: channel.bitsAllocated === 8 ? 8 : 16,
        fullScale: fullScaleOf(channel),
        reduction: reductionOf(channel),
        fill: (all) => fillSamples(channel, all),
      });
      arriving.takeAll(values);
      return arriving.plane();
    });
    return Object.fromEntries([...(shown?.picture.planes ?? [])].map(([id, { filled }]) => [id, filled]));
  },
  compare,
  pixels: (settings, width, height) => {
    sizeCanvas(width, height);
    viewer.draw(settings);
    return [...viewer.read()];
  },
  framesASecond: (settings, width, height, frames) => {
    sizeCanvas(width, height);
    const draw = (i: number) => {
      viewer.draw({ ...settings, window: { low: 10 * i, high: settings.window.high - 20 * i } });
      // one pixel read back is the only sure sign that the card has finished
      canvas.getContext('webgl2')?.readPixels(0, 0, 1, 1, 0x1908, 0x1401, new Uint8Array(4));
    };
    draw(0);
    const started = performance.now();
    for (let i = 1; i <= frames; i++) draw(i);
    return (1000 * frames) / (performance.now() - started);
  },
  scroll: (columns, rows) => {
    sizeCanvas(1200, 700);
    // samples are made when they are read, so that the page holds none
    const plane = {
      rows,
      columns,
      bits: 16 as const,
      fullScale: 65_535,
      read: (level: number, region: Region) => {
        const samples = new Uint16Array(region.rows * region.columns);
        for (let i = 0; i < samples.length; i++) {
          samples[i] = ((region.column + (i % region.columns)) << level) * 3;
        }
        return samples;
      },
    };
    const planes = new Map([['high', plane]]);
    viewer.show({
      rows,
      columns,
      cell: squareCell,
      display: { flipRows: false, rotate: 0, flipColumns: false },
      planes,
    });
    let mostBytes = 0;
    let isComplete = true;
    for (let x = 600; x < columns; x += 1000) {
      const drawing = viewer.draw({ ...plain, zoom: 1, pan: { x, y: rows / 2 } });
      mostBytes = Math.max(mostBytes, drawing.heldBytes);
      isComplete &&= drawing.isComplete;
    }
    return { mostBytes, isComplete };
  },
  firstPicture: (settings, width, height) => {
    if (shown === undefined) throw new Error('nothing is shown');
    sizeCanvas(width, height);
    return settings.map((one) => {
      const started = performance.now();
      viewer.draw(one);
      canvas.getContext('webgl2')?.readPixels(0, 0, 1, 1, 0x1908, 0x1401, new Uint8Array(4));
      return performance.now() - started;
    });
  },
  readsOfGrowingPicture: (settings) => {
    const plane = planeInMemory({ rows: 50, columns: 60, fullScale: 255 }, new Uint8Array(3000).fill(9));
    let reads = 0;
    const counted = {
      ...plane,
      read: (...place: Parameters<typeof plane.read>) => {
        reads += 1;
        return plane.read(...place);
      },
    };
    const one = {
      rows: 50,
      columns: 60,
      cell: squareCell,
      display: { flipRows: false, rotate: 0, flipColumns: false },
    } as const;
    const readsWith = (more: readonly (readonly [string, typeof plane])[]) => {
      reads = 0;
      viewer.show({ ...one, planes: new Map([['high', counted], ...more]) });
      viewer.draw(settings);
      return reads;
    };
    return [readsWith([]), readsWith([['low', plane]])];
  },
  comparePartial: (settings, cell) => {
    const [rows, columns] = [1100, 1300];
    const samples = Uint16Array.from({ length: rows * columns }, (_, i) => {
      const [row, column] = [Math.floor(i / columns) >> 2, (i % columns) >> 2];
      return (row * 7919 + column * 104_729) % 60_000;
    });
    const plane = planeInMemory({ rows, columns, fullScale: 60_000 }, samples);
    const coarse: typeof plane = {
      ...plane,
      read: (level, at) => (level < 2 ? undefined : plane.read(level, at)),
    };
    const view = {
      rows,
      columns,
      cell,
      display: { flipRows: false, rotate: 90, flipColumns: false },
    } as const;
    viewer.show({ ...view, planes: new Map([['high', coarse]]) });
    return compareWith({ ...view, planes: new Map([['high', plane]]) }, settings, 300, 200);
  },
  loseContext: async (settings) => {
    events.length = 0;
    const extension = canvas.getContext('webgl2')?.getExtension('WEBGL_lose_context');
    const until = (kind: string) =>
      new Promise((resolve) => {
        canvas.addEventListener(kind, () => requestAnimationFrame(resolve), { once: true });
      });
    const lost = until('webglcontextlost');
    extension?.loseContext();
    await lost;
    events.push(viewer.draw(settings).isComplete ? 'drawn' : 'not drawn');
    const restored = until('webglcontextrestored');
    extension?.restoreContext();
    await restored;
    return { events: [...events], worst: compare(settings, 120, 90).worst };
  },
  fromCaseToCase: (settings) => {
    if (shown === undefined) throw new Error('nothing is shown');
    const silent = { unavailable: () => {}, restored: () => {} };
    const first = takeCanvas(silent);
    Object.assign(first.canvas, { width: 120, height: 90 });
    first.viewer.show(shown.picture);
    first.viewer.draw(settings);
    reveal(first);
    const drawn = Math.max(...first.viewer.read());
    returnCanvas(first);
    const second = takeCanvas(silent);
    const left = Math.max(...second.viewer.read());
    const found = {
      isSame: second.canvas === first.canvas,
      drawn,
      left,
      opacity: second.canvas.style.opacity,
    };
    second.viewer.draw(settings);
    const drawnWithoutPicture = Math.max(...second.viewer.read());
    returnCanvas(second);
    return { ...found, drawnWithoutPicture };
  },
  rejectLaterShader: (settings, later) => {
    if (shown === undefined) throw new Error('nothing is shown');
    const said: string[] = [];
    const other = Object.assign(document.createElement('canvas'), { width: 120, height: 90 });
    const own = new Viewer(other, { unavailable: (why) => said.push(why), restored: () => {} });
    own.show(shown.picture);
    const first = own.draw(settings).isComplete;
    const gl = other.getContext('webgl2');
    if (gl === null) throw new Error('no WebGL2');
    // the browser's own compiler rejects it
    const takeSource = gl.shaderSource.bind(gl);
    gl.shaderSource = (shader, text) => takeSource(shader, `${text}\nno shader`);
    return { said, first, second: own.draw(later).isComplete, isAvailable: own.isAvailable };
  },
  withoutWebgl2: () => {
    const said: string[] = [];
    const other = document.createElement('canvas');
    other.getContext('2d');
    new Viewer(other, { unavailable: (why) => said.push(why), restored: () => said.push('restored') });
    return said;
  },
};

const plain: Omit<ViewSettings, 'zoom' | 'pan'> = {
  shown: { kind: 'channel', id: 'high' },
  window: { low: 0, high: 65_535 },
  curve: { kind: 'linear' },
  invert: false,
  colourMap: 'grey',
  enhancement: { kind: 'none' },
  rotate: 0,
  mirror: false,
};

Object.assign(globalThis, { probe });

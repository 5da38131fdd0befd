import { readFileSync } from 'node:fs';
import type { CDPSession, Page, Request } from 'playwright-core';

/** What a page took, as its own clock and its processes say. */

/** One request of an opening, in the order in which they began. */
export interface Stage {
  readonly what: string;
  /** From the key. */
  readonly beginsMs: number;
  /** Until the service began to answer, and until the answer was there. */
  readonly waitsMs: number;
  readonly carriesMs: number;
}

export interface Opening {
  /** From the key until the case is there, until there is a picture, and until all of its samples are there. */
  readonly dealtMs: number;
  readonly firstMs: number;
  readonly wholeMs: number;
  readonly stages: readonly Stage[];
}

/** Presses a key that assigns a case, and waits until all of its samples are there. */
export async function openCase(page: Page, key: string, timeout = 120_000): Promise<Opening> {
  await page.evaluate(() => {
    performance.clearMarks();
    performance.clearResourceTimings();
    performance.mark('measure:key');
  });
  await page.keyboard.press(key);
  await page.waitForFunction(() => performance.getEntriesByName('nii:whole').length > 0, undefined, {
    timeout,
  });
  return page.evaluate(() => {
    const at = (name: string) => performance.getEntriesByName(name)[0]?.startTime ?? Number.NaN;
    const key = at('measure:key');
    return {
      dealtMs: at('nii:case') - key,
      firstMs: at('nii:first-picture') - key,
      wholeMs: at('nii:whole') - key,
      stages: performance
        .getEntriesByType('resource')
        .filter((entry) => entry instanceof PerformanceResourceTiming)
        .map(({ name, startTime, requestStart, responseStart, responseEnd }) => {
          const { pathname, search } = new URL(name);
          // what is asked, without whose it is
          const path = pathname.split('/').map((part) => (/\d/.test(part) && part !== 'v1' ? '…' : part));
          const level = /level=\d+/.exec(search)?.[0];
          return {
            what: [path.join('/'), level].filter((one) => one !== undefined).join(' '),
            beginsMs: startTime - key,
            waitsMs: responseStart - Math.max(requestStart, startTime),
            carriesMs: responseEnd - responseStart,
          };
        }),
    };
  });
}

/** 2 Mbit/s, and 600 ms to the service and back. */
export const THIN = { bytesASecond: 250_000, roundTripMs: 600 };

/** The browser itself makes its line thin. */
export async function throttle(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: THIN.roundTripMs,
    downloadThroughput: THIN.bytesASecond,
    uploadThroughput: THIN.bytesASecond,
  });
}

/** Deals the next case on a line that is thin already, and looks at its middle at one pixel a sample. */
export async function openOnThinLine(page: Page) {
  await page.keyboard.press('1');
  await page.evaluate(() => {
    performance.clearMarks();
    performance.mark('measure:key');
  });
  await page.keyboard.press('Enter');
  const marked = (name: string) =>
    page.waitForFunction((one) => performance.getEntriesByName(one).length > 0, name, { timeout: 120_000 });
  await marked('nii:first-picture');
  await page.keyboard.press('9');
  await page.evaluate(() => performance.mark('measure:look'));
  await page.waitForTimeout(300);
  await marked('nii:looked-at');
  return page.evaluate(() => {
    const at = (name: string) => performance.getEntriesByName(name)[0]?.startTime ?? Number.NaN;
    return {
      verdictToCaseMs: at('nii:case') - at('measure:key'),
      caseToPictureMs: at('nii:first-picture') - at('nii:case'),
      lookToSamplesMs: at('nii:looked-at') - at('measure:look'),
    };
  });
}

export interface Frames {
  readonly framesASecond: number;
  readonly medianMs: number;
  readonly slowestMs: number;
  /** What the page asked for while the button was held: nothing. */
  readonly requests: readonly string[];
  /** Of every process of the browser, for each frame. */
  readonly cpuMsAFrame: number;
  /** A canvas of the same size that draws one textured quad, in the same page. */
  readonly bareFramesASecond: number;
  readonly shareOfBare: number;
}

/** Holds Shift and drags over the picture for this many moves. */
export async function dragWindow(page: Page, moves: number): Promise<Frames> {
  const box = await page.locator('canvas').first().boundingBox();
  if (box === null) throw new Error('there is no canvas');
  const requests: string[] = [];
  const count = (request: Request) => requests.push(new URL(request.url()).pathname);
  const cpuBefore = await cpuSeconds(page);
  await page.evaluate(() => {
    const deltas: number[] = [];
    let last = performance.now();
    const step = (now: number) => {
      deltas.push(now - last);
      last = now;
      Object.assign(window, { nextFrame: requestAnimationFrame(step) });
    };
    Object.assign(window, { deltas, nextFrame: requestAnimationFrame(step) });
  });
  await page.keyboard.down('Shift');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  page.on('request', count);
  for (let i = 0; i < moves; i++) {
    const turn = (i / 20) * Math.PI;
    await page.mouse.move(
      box.x + box.width * (0.5 + 0.2 * Math.sin(turn)),
      box.y + box.height * (0.5 + 0.3 * Math.cos(turn)),
    );
  }
  // what waited for the hand is asked for when it lets go
  page.off('request', count);
  await page.mouse.up();
  await page.keyboard.up('Shift');
  const deltas = await page.evaluate(() => {
    const state = Object(window);
    cancelAnimationFrame(state.nextFrame);
    return (state.deltas as number[]).slice(3);
  });
  const cpuMs = 1000 * ((await cpuSeconds(page)) - cpuBefore);
  const sum = deltas.reduce((total, one) => total + one, 0);
  const framesASecond = (1000 * deltas.length) / sum;
  const bareFramesASecond = await drawBare(page);
  return {
    framesASecond,
    medianMs: medianOf(deltas),
    slowestMs: Math.max(...deltas),
    requests,
    cpuMsAFrame: cpuMs / deltas.length,
    bareFramesASecond,
    shareOfBare: framesASecond / bareFramesASecond,
  };
}

/** What every process of the browser has taken of the processors. */
async function cpuSeconds(page: Page): Promise<number> {
  const session = await page.context().browser()?.newBrowserCDPSession();
  const { processInfo } = (await session?.send('SystemInfo.getProcessInfo')) ?? { processInfo: [] };
  await session?.detach();
  return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}

/** Frames a second of a canvas over the picture that draws one textured quad of its size and nothing else. */
function drawBare(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const picture = document.querySelector('.picture > .drawn > canvas');
    const bare = document.createElement('canvas');
    if (!(picture instanceof HTMLCanvasElement)) throw new Error('there is no canvas');
    const { width, height } = picture;
    Object.assign(bare, { width, height });
    bare.style.position = 'absolute';
    picture.style.visibility = 'hidden';
    picture.after(bare);
    const gl = bare.getContext('webgl2', { antialias: false, depth: false });
    if (gl === null) throw new Error('no WebGL2');
    const program = gl.createProgram();
    for (const [kind, text] of [
      [
        gl.VERTEX_SHADER,
        '#version 300 es\nvoid main() { gl_Position = vec4(vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0 - 1.0, 0, 1); }',
      ],
      [
        gl.FRAGMENT_SHADER,
        '#version 300 es\nprecision highp float; uniform sampler2D t; uniform float n; out vec4 c; void main() { c = texelFetch(t, ivec2(gl_FragCoord.xy), 0) * n; }',
      ],
    ] as const) {
      const shader = gl.createShader(kind);
      if (shader === null) throw new Error('no shader');
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS))
      throw new Error(String(gl.getProgramInfoLog(program)));
    gl.useProgram(program);
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    const texels = new Uint8Array(width * height * 4).fill(255);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, width, height, 0, gl.RGBA, gl.UNSIGNED_BYTE, texels);
    const share = gl.getUniformLocation(program, 'n');
    const nextFrame = () => new Promise((done) => requestAnimationFrame(done));
    const [frames, mostMs] = [60, 10_000];
    await nextFrame();
    const began = performance.now();
    let drawn = 0;
    while (drawn < frames && performance.now() - began < mostMs) {
      gl.uniform1f(share, drawn / frames);
      gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
      drawn += 1;
      await nextFrame();
    }
    bare.remove();
    picture.style.visibility = '';
    return (1000 * drawn) / (performance.now() - began);
  });
}

export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** The most memory that the page's process and the one that draws have held, in MiB. */
export async function peakMemory(browser: CDPSession): Promise<Readonly<Record<string, number>>> {
  const { processInfo } = await browser.send('SystemInfo.getProcessInfo');
  const peaks: Record<string, number> = {};
  for (const { type, id } of processInfo) {
    const [, kib = '0'] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8')) ?? [];
    peaks[type] = Math.max(peaks[type] ?? 0, Math.round(Number(kib) / 1024));
  }
  return peaks;
}

export function rendererOf(page: Page): Promise<string> {
  return page.evaluate(() => {
    const gl = document.createElement('canvas').getContext('webgl2');
    const names = gl?.getExtension('WEBGL_debug_renderer_info');
    return gl && names ? String(gl.getParameter(names.UNMASKED_RENDERER_WEBGL)) : 'none';
  });
}

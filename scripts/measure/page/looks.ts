import { readFileSync } from 'node:fs';
import type { CDPSession, Page } from 'playwright-core';

/** What a page took, as its own clock and its processes say. */

export interface Opening {
  /** From the key until the case is there, until there is a picture, and until all of its samples are there. */
  readonly dealtMs: number;
  readonly firstMs: number;
  readonly wholeMs: number;
}

/** Presses a key that deals a case, and waits until all of its samples are there. */
export async function openCase(page: Page, key: string, timeout = 120_000): Promise<Opening> {
  await page.evaluate(() => {
    performance.clearMarks();
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
  readonly requests: number;
  /** Of every process of the browser, for each frame. */
  readonly cpuMsAFrame: number;
  /** A canvas of the same size that is filled with one colour, in the same page. */
  readonly bareFramesASecond: number;
  readonly shareOfBare: number;
}

/** Holds Shift and drags over the picture for so many moves. */
export async function dragWindow(page: Page, moves: number): Promise<Frames> {
  const box = await page.locator('canvas').first().boundingBox();
  if (box === null) throw new Error('there is no canvas');
  let requests = 0;
  const count = () => {
    requests += 1;
  };
  page.on('request', count);
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
  for (let i = 0; i < moves; i++) {
    const turn = (i / 20) * Math.PI;
    await page.mouse.move(
      box.x + box.width * (0.5 + 0.2 * Math.sin(turn)),
      box.y + box.height * (0.5 + 0.3 * Math.cos(turn)),
    );
  }
  await page.mouse.up();
  await page.keyboard.up('Shift');
  page.off('request', count);
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

/** Frames a second of a canvas over the picture that gets one colour and nothing else. */
function drawBare(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const picture = document.querySelector('.picture > canvas');
    const bare = document.createElement('canvas');
    if (!(picture instanceof HTMLCanvasElement)) throw new Error('there is no canvas');
    bare.width = picture.width;
    bare.height = picture.height;
    bare.style.position = 'absolute';
    picture.after(bare);
    const gl = bare.getContext('webgl2', { antialias: false, depth: false });
    const nextFrame = () => new Promise((done) => requestAnimationFrame(done));
    const [frames, mostMs] = [60, 10_000];
    await nextFrame();
    const began = performance.now();
    let drawn = 0;
    while (drawn < frames && performance.now() - began < mostMs) {
      gl?.clearColor(drawn / frames, 0.5, 0.5, 1);
      gl?.clear(gl.COLOR_BUFFER_BIT);
      drawn += 1;
      await nextFrame();
    }
    bare.remove();
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

import { spawnSync } from 'node:child_process';
import { type Browser, chromium } from 'playwright-core';

/** For a closed network, for root, and without a graphics card: WebGL is drawn by SwiftShader. */
const flags = [
  '--no-sandbox',
  '--enable-unsafe-swiftshader',
  '--disable-background-networking',
  '--disable-component-update',
  '--no-first-run',
];

/** Debian's Chromium without the parts that draw windows: a page takes a fifth less processor time than with them. */
const program = 'chromium-headless-shell';

let isThere: boolean | undefined;

/** Whether Debian's Chromium is there; says so where it is not, which a complete run does not allow. */
export function hasChromium(): boolean {
  isThere ??= spawnSync(program, ['--version']).status === 0;
  if (isThere) return true;
  if (process.env.NII_TEST_COMPLETE)
    throw new Error(`${program} is not installed, which a complete run needs`);
  console.log(`left out: ${program} is not installed`);
  return false;
}

/**
 * How the layers of a page become its picture. `plain` is Chromium's own code. `as-by-a-card` is SwiftShader, with which a page
 * takes a quarter more processor time; for tests and measures that look at pixels or frames of what WebGL draws.
 */
export type Composing = 'plain' | 'as-by-a-card';

const composingFlag = { plain: '--disable-gpu', 'as-by-a-card': '--use-angle=swiftshader' } as const;

/** Debian's Chromium without a window. The caller closes it. */
export function startChromium(composing: Composing = 'plain'): Promise<Browser> {
  const args = [...flags, composingFlag[composing]];
  const { stdout } = spawnSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' });
  return chromium.launch({ executablePath: stdout.trim(), headless: true, args });
}

const shared = new Map<Composing, Browser>();

/** The Chromium of this worker: started once, and ended with the process. The caller ends its use with `closePages`. */
export async function sharedChromium(composing: Composing = 'plain'): Promise<Browser> {
  const earlier = shared.get(composing);
  if (earlier?.isConnected()) return earlier;
  const browser = await startChromium(composing);
  shared.set(composing, browser);
  return browser;
}

/** Closes every page and context of a shared browser, for the next test file. */
export async function closePages(browser: Browser | undefined): Promise<void> {
  await Promise.all(browser?.contexts().map((context) => context.close()) ?? []);
}

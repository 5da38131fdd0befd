import { spawnSync } from 'node:child_process';
import { type Browser, chromium } from 'playwright-core';

/** For a closed network, for root, and without a graphics card. */
const flags = [
  '--no-sandbox',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--disable-background-networking',
  '--disable-component-update',
  '--no-first-run',
];

/** Whether Debian's Chromium is there; says so where it is not, which a complete run does not allow. */
export function hasChromium(): boolean {
  if (spawnSync('chromium', ['--version']).status === 0) return true;
  if (process.env.NII_TEST_COMPLETE) throw new Error('chromium is not installed, which a complete run needs');
  console.log('left out: chromium is not installed');
  return false;
}

/** Debian's Chromium without a window. The caller closes it. */
export function startChromium(): Promise<Browser> {
  const { stdout } = spawnSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' });
  return chromium.launch({ executablePath: stdout.trim(), headless: true, args: flags });
}

/**
 * `npm run picture`: takes docs/pictures/workstation.png, the picture of README.md. It starts the demo in a temporary folder, opens
 * its analyst link in Debian's Chromium, takes the most urgent case and turns findings on. `--link URL` uses a demo that runs.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { ensureBuilt, fail, root } from './launch.mjs';

const PICTURE = path.join(root, 'docs/pictures/workstation.png');
const SIZE = { width: 1440, height: 860 };
const flags = [
  '--no-sandbox',
  '--enable-unsafe-swiftshader',
  '--use-angle=swiftshader',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Resolves with the link that signs the demo's analyst in. */
async function analystLink(demo) {
  for await (const line of createInterface(demo.stdout)) {
    const link = /^\s*analyst\s+(http\S+)/.exec(line)?.[1];
    if (link !== undefined) return link;
  }
  throw new Error('The demo ended before it printed a link');
}

/** Opens the most urgent case with findings, and saves the picture of the page. */
async function takePicture(link) {
  const { chromium } = await import('playwright-core');
  const { default: sharp } = await import('sharp');
  const { stdout } = spawnSync('sh', ['-c', 'command -v chromium-headless-shell'], { encoding: 'utf8' });
  if (stdout === '') fail('needs Chromium: apt-get install chromium-headless-shell');
  const browser = await chromium.launch({ executablePath: stdout.trim(), headless: true, args: flags });
  try {
    const page = await browser.newPage({ viewport: SIZE, colorScheme: 'dark', locale: 'en' });
    await page.goto(link);
    await page.getByRole('button', { name: /Next case/ }).waitFor();
    await page.keyboard.press('n');
    await page.waitForURL(/\/case\//);
    await page.locator('canvas').waitFor();
    await page.locator('.over').waitFor({ state: 'detached', timeout: 120_000 });
    await page.keyboard.press('f');
    await page.waitForTimeout(2000);
    const shot = await page.screenshot({ animations: 'disabled' });
    await sharp(shot).png({ palette: true, colours: 200, effort: 10 }).toFile(PICTURE);
  } finally {
    await browser.close();
  }
}

const { values } = parseArgs({ options: { link: { type: 'string' } } });
if (values.link !== undefined) await takePicture(values.link);
else {
  ensureBuilt();
  const data = mkdtempSync(path.join(tmpdir(), 'nii-picture-'));
  const demo = spawn(process.execPath, [path.join(root, 'dist/src/main.js'), 'demo'], {
    env: { ...process.env, NII_DATA: data, NII_PORT: '0', NII_LOG_LEVEL: 'fatal' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    await takePicture(await analystLink(demo));
  } finally {
    demo.kill('SIGTERM');
    if (demo.exitCode === null) await once(demo, 'exit');
    rmSync(data, { recursive: true, force: true, maxRetries: 5 });
  }
}

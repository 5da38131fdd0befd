/**
 * `npm run picture`: draws docs/pictures/queue.svg from a real run of the demo: its ranked queue in words, and the channel of highest
 * energy of the first scans in it, as `nii convert` writes it. There is no page to take a picture of.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureBuilt, root } from './launch.mjs';

const ROWS = 8;
const PICTURES = 3;
const WIDTH = 1120;
const TILE = { width: 352, height: 200 };
const columns = [
  ['rank', 20, ({ rank }) => String(rank)],
  [
    'anomaly percentile',
    66,
    ({ anomalyPercentile: value }) => (value === null ? 'not scored' : `> ${Math.floor(value * 10) / 10} %`),
  ],
  ['container', 186, ({ container }) => container ?? '-'],
  ['scanner', 290, ({ layout, converter }) => layout ?? converter],
  ['why', 440, ({ reason }) => (reason.length > 100 ? `${reason.slice(0, 99)}…` : reason)],
];

const plain = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const text = (x, y, words, more = '') => `<text x="${x}" y="${y}"${more}>${plain(words)}</text>`;

function nii(data, ...args) {
  const env = { ...process.env, NII_DATA: data, NII_PORT: '0', NII_LOG_LEVEL: 'fatal' };
  const options = { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
  return execFileSync(process.execPath, [path.join(root, 'dist/src/main.js'), ...args], options);
}

/** The files of the bundled scan that this container is in. */
function filesOf(container) {
  const demo = path.join(root, 'fixtures/demo');
  const bundled = JSON.parse(readFileSync(path.join(demo, 'manifest.json'), 'utf8'));
  const { folder } = bundled.find(({ containers }) => containers.includes(container)) ?? {};
  if (folder === undefined) throw new Error(`No bundled scan has the container ${container}`);
  const files = path.join(demo, folder, 'files');
  return readdirSync(files).map((name) => path.join(files, name));
}

async function pictureOf(work, row) {
  const { default: sharp } = await import('sharp');
  const out = path.join(work, String(row.rank));
  nii(work, 'convert', ...filesOf(row.container), '--format', 'png', '--out', out);
  const names = readdirSync(out)
    .filter((name) => name.endsWith('.png'))
    .sort();
  const name = names.find((one) => one.includes('high')) ?? names[0];
  return sharp(path.join(out, name))
    .normalise()
    .toColourspace('b-w')
    .resize({ ...TILE, fit: 'inside' })
    .png({ palette: true, colours: 64 })
    .toBuffer();
}

function draw(rows, pictures) {
  const tops = rows
    .slice(0, ROWS)
    .flatMap((row, i) => columns.map(([, x, show]) => text(x, 340 + i * 24, show(row))));
  const heads = columns.map(([name, x]) => text(x, 312, name, ' fill="#5b6670"'));
  const tiles = pictures.flatMap((png, i) => {
    const x = 20 + i * (TILE.width + 12);
    const { rank, container } = rows[i];
    const place = `x="${x}" y="54" width="${TILE.width}" height="${TILE.height}"`;
    return [
      `<rect ${place} fill="#10151a"/>`,
      `<image ${place} href="data:image/png;base64,${png.toString('base64')}"/>`,
      text(x, 274, `${rank}   ${container}`),
    ];
  });
  const height = 340 + ROWS * 24;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="DejaVu Sans, Verdana, sans-serif" font-size="12" fill="#1b2228">`,
    `<title>The ranked queue of the demo, and the scans in its first three places</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    text(20, 34, 'The queue, most urgent first', ' font-size="17"'),
    ...tiles,
    ...heads,
    ...tops,
    '</svg>',
    '',
  ].join('\n');
}

ensureBuilt();
const work = mkdtempSync(path.join(tmpdir(), 'nii-picture-'));
try {
  const rows = JSON.parse(nii(path.join(work, 'data'), 'demo', '--once', '--json'));
  const pictures = [];
  for (const row of rows.slice(0, PICTURES)) pictures.push(await pictureOf(work, row));
  writeFileSync(path.join(root, 'docs/pictures/queue.svg'), draw(rows, pictures));
} finally {
  rmSync(work, { recursive: true, force: true });
}

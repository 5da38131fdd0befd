import type { ClockState, ScannerDay } from '../../core/scanner/scanner.ts';
import type { ScannerView } from '../../features/scanners/read.ts';
import { escaped, htmlTable, page } from './html.ts';

const clocks: Readonly<Record<ClockState, string>> = {
  unknown: 'The files have no time, so the state of the clock is unknown.',
  steady: 'The clock is steady.',
  drifting: 'The clock has drifted from the service clock by more than two minutes: set it.',
  ahead: 'Scans have a time later than their receipt: the clock is ahead, or its zone is wrong.',
};

/** One scanner over time, for people; printable. */
export function scannerPage({ scanner, days, clock }: ScannerView): string {
  const { id, site, alarm } = scanner;
  return page(
    `Scanner ${id}`,
    `<h1>Scanner ${escaped(id)} at ${escaped(site)}</h1>
<p>Seen from ${escaped(scanner.firstSeenAt)} to ${escaped(scanner.lastSeenAt)}${
      scanner.software === undefined ? '' : `; software ${escaped(scanner.software)}`
    }. ${clocks[clock]}</p>
${
  alarm === undefined
    ? '<p><span class="verdict good">Structure unchanged</span></p>'
    : `<p><span class="verdict bad">Structure changed since ${escaped(alarm.since)}</span></p>
${list('New', alarm.appeared)}${list('Gone', alarm.vanished)}`
}
<h2>Scans a day</h2>
${plot(days)}
<h2>Days</h2>
${htmlTable(
  ['day', 'scans', 'bad container numbers', 'channel missing', 'cut short', 'failed', 'clock lag'],
  days.toReversed().map((day) => [
    day.day,
    String(day.scans),
    `${day.badContainers} of ${day.containers}`,
    String(day.channelMissing),
    String(day.incomplete),
    Object.entries(day.failures)
      .map(([code, count]) => `${count} ${code}`)
      .join(', ') || '0',
    day.clockSeconds === undefined ? '' : `${Math.round(day.clockSeconds)} s`,
  ]),
)}`,
  );
}

function list(title: string, features: readonly string[]): string {
  if (features.length === 0) return '';
  return `<h2>${title}</h2><ul>${features.map((feature) => `<li><code>${escaped(feature)}</code></li>`).join('')}</ul>`;
}

const WIDTH = 900;
const HEIGHT = 180;
const FOOT = 20;

/** A bar a day: how many scans, and how many of them had something wrong. */
function plot(days: readonly ScannerDay[]): string {
  const most = Math.max(1, ...days.map(({ scans }) => scans));
  const step = WIDTH / Math.max(days.length, 14);
  const bars = days.map((day, i) => {
    const bad = Math.min(day.scans, day.failed + day.incomplete + day.channelMissing);
    return `${bar(i * step, step, day.scans / most, '#9fb3c8')}${bar(i * step, step, bad / most, '#c2453a')}`;
  });
  const [first, last] = [days[0]?.day ?? '', days.at(-1)?.day ?? ''];
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT + FOOT}" role="img" aria-label="Scans a day, at most ${most}">
<line x1="0" y1="${HEIGHT}" x2="${WIDTH}" y2="${HEIGHT}" stroke="#51606f"/>
${bars.join('\n')}
<text x="0" y="12" font-size="12" fill="#51606f">${most} scans</text>
<text x="0" y="${HEIGHT + 15}" font-size="12" fill="#51606f">${first}</text>
<text x="${Math.max(100, days.length * step)}" y="${HEIGHT + 15}" font-size="12" text-anchor="end" fill="#51606f">${last}</text>
</svg>
<p>Grey: scans. Red: of these with a channel missing, cut short or failed.</p>`;
}

function bar(x: number, width: number, share: number, colour: string): string {
  const height = Math.round(share * (HEIGHT - 20));
  return `<rect x="${x.toFixed(1)}" y="${HEIGHT - height}" width="${(width * 0.8).toFixed(1)}" height="${height}" fill="${colour}"/>`;
}

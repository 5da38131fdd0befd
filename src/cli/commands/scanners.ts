import { ANY_SITE } from '../../core/access.ts';
import { listScanners, type ScannerView } from '../../features/scanners/read.ts';
import { type Command, exitCode, requiredText } from '../command.ts';
import { json, table } from '../text.ts';
import { withService } from './maintenance.ts';

const PAGE = 200;

export const scanners: Command = {
  name: 'scanners',
  summary: 'show the health of each scanner over time: invalid numbers, missing channels, clock, structure',
  options: { administration: { type: 'string', help: '<NAME> administration that the scanners belong to' } },
  notes: [
    'Counts cover the last 90 days. A changed structure (new or missing files, channels, header constants or',
    'metadata paths in three scans in a row) is an alarm until an administrator acknowledges it with',
    'POST /v1/scanners/SITE/SCANNER/acknowledge. The exit code is 4 while there is an alarm.',
  ],
  async run(context, values) {
    const administration = requiredText(values, 'administration');
    const actor = {
      keyId: 'command-line',
      role: 'administrator',
      administration,
      site: ANY_SITE,
    } as const;
    return withService(context, async ({ deps }) => {
      const views: ScannerView[] = [];
      for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
        const page = await listScanners(deps, actor, PAGE, cursor);
        views.push(...page.rows);
        cursor = page.next;
      }
      context.terminal.out(values.json === true ? json(views.map(shown)) : text(views));
      return views.some(({ scanner }) => scanner.alarm !== undefined) ? exitCode.unclean : exitCode.done;
    });
  },
};

/** Without the features that the structure was learnt from: there are hundreds. */
function shown({ scanner: { structure, ...scanner }, days, clock }: ScannerView) {
  return { ...scanner, structureScans: structure.scans, clock, days };
}

function text(views: readonly ScannerView[]): string {
  const sum = (
    view: ScannerView,
    field: 'scans' | 'badContainers' | 'channelMissing' | 'incomplete' | 'failed',
  ) => String(view.days.reduce((total, day) => total + day[field], 0));
  const rows = views.map((view) => [
    view.scanner.site,
    view.scanner.id,
    sum(view, 'scans'),
    sum(view, 'badContainers'),
    sum(view, 'channelMissing'),
    sum(view, 'incomplete'),
    sum(view, 'failed'),
    view.clock,
    view.scanner.alarm === undefined ? 'unchanged' : `CHANGED since ${view.scanner.alarm.since}`,
  ]);
  const head = [
    'site',
    'scanner',
    'scans',
    'invalid numbers',
    'channel missing',
    'incomplete',
    'failed',
    'clock',
    'structure',
  ];
  return rows.length === 0 ? 'no scanner has sent a scan yet\n' : table(head, rows);
}

import { join, resolve } from 'node:path';
import { isNiiError } from '../../core/errors.ts';
import { siteName } from '../../core/keys.ts';
import {
  type Target,
  type WatchEvent,
  type WatchOptions,
  type WatchStatus,
  watchFolder,
  watchStatus,
} from '../../watch/index.ts';
import {
  type CliContext,
  type Command,
  exitCode,
  invalidOperands,
  textOf,
  type Values,
  WrongUse,
  wholeNumber,
} from '../command.ts';
import { serviceKey, serviceUrl } from '../target.ts';

const DAY_SECONDS = 24 * 3600;

export const watch: Command = {
  name: 'watch',
  summary: 'send scans that a scanner writes into a folder',
  operands: 'DIR',
  options: {
    url: { type: 'string', help: '<URL> service address (NII_URL)' },
    'plain-http': { type: 'boolean', help: 'do not warn that the key goes to another machine without TLS' },
    'key-file': {
      type: 'string',
      help: '<FILE> with a scanner’s key, mode 600, read for each upload (NII_KEY)',
    },
    site: { type: 'string', help: '<NAME> site of the scanner (the key’s own site)' },
    scanner: { type: 'string', help: '<ID> of the scanner, if the files do not state it' },
    lane: { type: 'string', help: '<ID> of the lane' },
    settle: {
      type: 'string',
      default: '5',
      help: '<SECONDS> without a change before a file counts as complete',
    },
    'group-wait': { type: 'string', default: '20', help: '<SECONDS> to wait for the other files of a scan' },
    'max-wait': {
      type: 'string',
      default: '600',
      help: '<SECONDS> to wait for the rest of an incomplete file, or for files that identify the format',
    },
    poll: { type: 'string', default: '2', help: '<SECONDS> between two polls of the folder' },
    heartbeat: { type: 'string', default: '300', help: '<SECONDS> between two status lines' },
    'move-to': { type: 'string', help: '<DIR> for files that were sent; otherwise they stay in the folder' },
    keep: {
      type: 'boolean',
      help: 'do not move files; for a file that cannot be read, only write the reason',
    },
    state: { type: 'string', help: '<DIR> for the journal, preferably on a local disk (DIR/.nii-watch)' },
    quarantine: {
      type: 'string',
      help: '<DIR> for files that cannot be read (quarantine in the state folder)',
    },
    thin: {
      type: 'boolean',
      help: 'always send small files first, not only on a slow line',
    },
    'resumable-over': {
      type: 'string',
      default: '8',
      help: '<MB>: larger scans are sent as resumable uploads',
    },
    'send-unknown': {
      type: 'boolean',
      help: 'let the service check files of formats that are not installed here',
    },
    once: { type: 'boolean', help: 'exit when all files are sent, or if the service does not respond' },
    status: { type: 'boolean', help: 'print the state of the watcher of DIR, and exit' },
  },
  notes: [
    'Files wait in the folder until the service acknowledges them, even if it is unreachable for weeks. The oldest scan',
    'is sent first. The journal lists what was sent: the same content is not sent again, even with another name. No file',
    'is deleted. SIGINT and SIGTERM stop the watcher within seconds, and the next start resumes. See docs/how-to/watch.md.',
    '--json prints one JSON line for each event. Exit code 4: with --once, files are still waiting or in quarantine.',
  ],
  async run(context, values, operands) {
    const [dir, ...more] = operands;
    if (dir === undefined || more.length > 0) throw new WrongUse(invalidOperands(operands, ['one folder']));
    const options = optionsOf(values, resolve(dir));
    if (values.status === true) return tellStatus(context, values, options.stateDir);
    const tell = values.json === true ? lineOfJson : lineOfText;
    const target = targetOf(context, values);
    await rejectOpenKey(target);
    const before = await totalsBefore(options.stateDir);
    const status = await watchFolder({
      options,
      target,
      recognising: await context.tools(),
      report: (event) => context.terminal.out(`${tell(event)}\n`),
      signal: context.signal,
    });
    const clean = status.waiting.files === 0 && status.quarantined === before;
    return options.once && !clean ? exitCode.unclean : exitCode.done;
  },
};

/** A key that is not there yet may come; one that others can read stops the start. @throws NII_CONFIG */
async function rejectOpenKey({ key }: Target): Promise<void> {
  await key().catch((error: unknown) => {
    if (isNiiError(error)) throw error;
  });
}

/** Files that earlier runs have quarantined. */
async function totalsBefore(stateDir: string): Promise<number> {
  return watchStatus(stateDir).then(
    ({ quarantined }) => quarantined,
    () => 0,
  );
}

function optionsOf(values: Values, folder: string): WatchOptions {
  if (values.keep === true && values['move-to'] !== undefined)
    throw new WrongUse('--move-to cannot be used with --keep, because --keep does not move files');
  const seconds = (name: string) => (wholeNumber(values, name, 7 * DAY_SECONDS) ?? 0) * 1000;
  const stateDir = resolve(textOf(values, 'state') ?? join(folder, '.nii-watch'));
  const moveTo = textOf(values, 'move-to');
  return {
    folder,
    stateDir,
    quarantineDir: resolve(textOf(values, 'quarantine') ?? join(stateDir, 'quarantine')),
    moveTo: moveTo === undefined ? undefined : resolve(moveTo),
    keep: values.keep === true,
    settleMs: seconds('settle'),
    groupWaitMs: seconds('group-wait'),
    maxWaitMs: seconds('max-wait'),
    pollMs: Math.max(seconds('poll'), 100),
    heartbeatMs: seconds('heartbeat'),
    once: values.once === true,
    thin: values.thin === true ? 'always' : 'auto',
    resumableOverBytes: (wholeNumber(values, 'resumable-over', 1_000_000) ?? 0) * 1_000_000,
    sendUnknown: values['send-unknown'] === true,
  };
}

function targetOf(context: CliContext, values: Values): Target {
  const site = textOf(values, 'site');
  if (site !== undefined && !siteName.test(site))
    throw new WrongUse(`Invalid --site "${site}": use lower-case letters, digits and hyphens`);
  const fields = ['site', 'scanner', 'lane'].flatMap((name) => {
    const value = textOf(values, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    url: serviceUrl(context, values),
    key: serviceKey(context, values, 'the scanner'),
    fields: Object.fromEntries(fields),
  };
}

async function tellStatus({ terminal }: CliContext, values: Values, stateDir: string): Promise<number> {
  const status = await watchStatus(stateDir);
  terminal.out(values.json === true ? `${JSON.stringify(status, null, 2)}\n` : `${statusText(status)}\n`);
  return status.line.state === 'away' || status.line.state === 'blocked' ? exitCode.unclean : exitCode.done;
}

function lineOfJson(event: WatchEvent): string {
  return JSON.stringify({ at: new Date().toISOString(), ...event });
}

/** One line an event. */
function lineOfText(event: WatchEvent): string {
  switch (event.event) {
    case 'started':
      return `watching ${event.folder}, journal in ${event.stateDir}`;
    case 'sent':
      return sentText(event);
    case 'same':
      return `already sent: ${event.files.join(', ')}`;
    case 'quarantined':
      return `quarantined ${event.file}: ${event.code}: ${event.detail}; see ${event.reason}`;
    case 'put-off':
      return `postponed ${event.group}: ${event.reason}; retry in ${secondsOf(event.retryInMs)}`;
    case 'away':
      return `unreachable: ${event.reason}; all files are waiting, retry in ${secondsOf(event.retryInMs)}`;
    case 'blocked':
      return `rejected, but not because of a scan: ${event.reason}; check --url, key and --site; retry in ${secondsOf(event.retryInMs)}`;
    case 'back':
      return 'the service responds again';
    case 'folder-away':
      return `cannot read the folder: ${event.reason}; retrying`;
    case 'not-moved':
      return `sent, but not moved: ${event.file}: ${event.reason}`;
    case 'heartbeat':
      return statusText(event.status);
    case 'stopped':
      return `stopped: ${statusText(event.status)}`;
  }
}

function sentText({ group, files, bytes, ms, scans, ahead }: Extract<WatchEvent, { event: 'sent' }>): string {
  const became = scans.map(({ scanId, revision, result }) => `${scanId} revision ${revision} (${result})`);
  const what = `${group} (${files.length} ${files.length === 1 ? 'file' : 'files'}, ${megabytes(bytes)})`;
  const how = ahead ? ', small files ahead of the large ones' : '';
  return `sent ${what}${how} in ${secondsOf(ms)}: ${became.join(', ')}`;
}

function statusText({ at, running, waiting, line, sent, same, quarantined }: WatchStatus): string {
  const oldest = waiting.oldest === undefined ? '' : `, oldest from ${waiting.oldest}`;
  const lines = {
    unused: '',
    up: '; the service responds',
    away: '; the service is unreachable',
    blocked: '; the service rejects the key, the site or the address',
  };
  const since = 'since' in line ? ` since ${line.since} (${line.reason})` : '';
  const ended = running ? '' : ' (not running)';
  return (
    `${at}${ended}: ${waiting.files} files waiting (${megabytes(waiting.bytes)}${oldest}), ${sent} uploads sent, ` +
    `${same} files already sent, ${quarantined} quarantined${lines[line.state]}${since}`
  );
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}

function secondsOf(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}

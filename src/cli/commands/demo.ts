import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Role } from '../../core/access.ts';
import { CaseState, caseStatesThat } from '../../core/case/case-states.ts';
import { defined } from '../../core/defined.ts';
import { NiiError } from '../../core/errors.ts';
import type { JobCounts } from '../../core/ports/jobs.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Locks, Transactions } from '../../core/ports/transactions.ts';
import { scanStates, settles } from '../../core/scan/scan-states.ts';
import {
  type IssueKeyDeps,
  type IssueKeyTx,
  issueKey,
  listKeys,
  revokeKey,
} from '../../features/persons/keys.ts';
import { type Client, openClient, type ScanAnswer } from '../../tools/client.ts';
import { type BundledScan, bundleFolder, filesOf, isAnomalous, readBundle } from '../../tools/demo-bundle.ts';
import { type CliContext, type Command, exitCode, type Values } from '../command.ts';
import { type DemoRow, rankingText, rowOf, tableOf } from '../demo-table.ts';
import { json } from '../text.ts';

const ADMINISTRATION = 'demo';
const SENDER = 'demo';
const SITE = 'gate-1';
const POLL_MS = 400;
/** From the last upload on; then the demo shows what there is and says what is missing. */
const PATIENCE_MS = 240_000;
const shownStates = caseStatesThat(({ isInQueue }) => isInQueue);

export const demo: Command = {
  name: 'demo',
  summary: 'start the service with simulated scans and show the queue',
  options: {
    once: { type: 'boolean', help: 'exit after the table; otherwise the service runs until Ctrl-C' },
    'keep-port': { type: 'boolean', help: 'fail if the port is in use; otherwise use a free one' },
  },
  notes: [
    'All data is in ./data (NII_DATA), and the next run continues with it. The scans are simulated and show no real cargo.',
    'When run as root, the demo adds the user postgres if it is missing, because PostgreSQL does not run as root.',
    'Anomaly percentile “> 97 %”: 97 % of the model’s reference scans have a lower score. It is not a probability.',
    '“hidden?” shows whether the simulator hid an object; the model and the queue do not use it.',
  ],
  async run(context, values) {
    const bundle = await readBundle(bundleFolder());
    // Not the signal of Ctrl-C: the keys of this run are revoked before the service ends.
    const stop = new AbortController();
    const port = await portFor(context, values);
    const demoSignIn = {
      token: randomBytes(24).toString('base64url'),
      administration: ADMINISTRATION,
      site: SITE,
    };
    const over = { port, logLevel: 'error', allowRoot: true, demoSignIn } as const;
    const running = await context.processes.serve(stop.signal, over);
    try {
      const place = { address: running.address, signInToken: demoSignIn.token };
      return await show(context, values, place, running.service.deps, bundle);
    } catch (error) {
      // Ctrl-C in the middle ends the demo; it is no failure of it.
      if (context.signal.aborted) return exitCode.done;
      throw error;
    } finally {
      stop.abort();
      await running.ended;
    }
  },
};

/** The port of the settings, or 0 for any free one where that one is taken. */
async function portFor({ place, terminal }: CliContext, values: Values): Promise<number> {
  const { host, port } = place();
  if (port === 0 || (await isFree(host, port))) return port;
  if (values['keep-port'] === true)
    throw new NiiError(
      'NII_CONFIG',
      `Port ${port} on ${host} is in use: set NII_PORT to a free port, or omit --keep-port`,
    );
  terminal.err(`Port ${port} is in use; using a free one (set NII_PORT to choose).\n`);
  return 0;
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((done) => {
    const probe = createServer();
    probe.once('error', () => done(false));
    probe.listen(port, host, () => probe.close(() => done(true)));
  });
}

interface Tokens {
  readonly scanner: string;
  readonly analyst: string;
  readonly supervisor: string;
  readonly administrator: string;
}

interface DemoKeyDeps extends IssueKeyDeps {
  readonly records: Transactions<IssueKeyTx & Tx<'key' | 'keys'>> & Locks;
}

interface DemoDeps extends DemoKeyDeps {
  readonly jobs: JobCounts;
}

/** Where the demo is, and what lets people in. */
interface DemoPlace {
  readonly address: string;
  readonly signInToken: string;
}

async function show(
  context: CliContext,
  values: Values,
  { address, signInToken }: DemoPlace,
  deps: DemoDeps,
  bundle: readonly BundledScan[],
): Promise<number> {
  const { terminal } = context;
  const asJson = values.json === true;
  const say = (line: string) => (asJson ? terminal.err : terminal.out)(`${line}\n`);
  const keys = await demoKeys(deps);
  try {
    say(`nii-hub is running at ${address}`);
    const client = (role: keyof Tokens) => openClient(address, keys.tokens[role], context.signal);
    const sent = await sendAll(client('scanner'), bundle, say);
    const scans = await settled(client('supervisor'), sent, context, say);
    await declareSome(client('administrator'), bundle, sent, scans);
    const complete = await casesOpened(client('supervisor'), deps, sent, scans, say);
    const rows = await queueRows(client('supervisor'), address, sent);
    terminal.out(asJson ? json(rows) : `\nThe queue, most urgent first:\n\n${tableOf(rows)}`);
    if (!asJson) summarise(rows, say);
    if (values.once !== true) await stayUp(context, { address, signInToken }, keys.tokens, say);
    return complete && [...scans.values()].every(({ state }) => !scanStates[state].hasFailed)
      ? exitCode.done
      : exitCode.unclean;
  } finally {
    await keys.revoke();
  }
}

/* ---- Keys ------------------------------------------------------------------------------------------------- */

const KEY_NAME = 'demo of process ';

/** Keys for this run only; those that a killed demo left behind are revoked. */
async function demoKeys(
  deps: DemoKeyDeps,
): Promise<{ readonly tokens: Tokens; readonly revoke: () => Promise<void> }> {
  for (const { keyId, name, revokedAt } of await listKeys(deps)) {
    const [, pid] = name.match(/^demo of process ([0-9]+)$/) ?? [];
    if (pid !== undefined && revokedAt === undefined && !isAlive(Number(pid))) await revokeKey(deps, keyId);
  }
  const made: string[] = [];
  const token = async (role: Role, site: string) => {
    const name = `${KEY_NAME}${process.pid}`;
    // Each run has keys of its own; what they send is sent by the same one
    const wanted = { roles: [role], administration: ADMINISTRATION, site, name, sender: SENDER };
    const issued = await issueKey(deps, wanted);
    made.push(issued.key.keyId);
    return issued.token;
  };
  const tokens = {
    scanner: await token('scanner', SITE),
    analyst: await token('analyst', SITE),
    supervisor: await token('supervisor', SITE),
    administrator: await token('administrator', '*'),
  };
  return {
    tokens,
    revoke: async () => {
      for (const keyId of made) await revokeKey(deps, keyId);
    },
  };
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/* ---- Sending and waiting ---------------------------------------------------------------------------------- */

interface Sent {
  readonly scanId: string;
  readonly bundled: BundledScan;
}

async function sendAll(
  scanner: Client,
  bundle: readonly BundledScan[],
  say: (line: string) => void,
): Promise<readonly Sent[]> {
  const sent: Sent[] = [];
  for (const [i, bundled] of bundle.entries()) {
    const files = await filesOf(bundleFolder(), bundled);
    const megabytes = files.reduce((total, { bytes }) => total + bytes.byteLength, 0) / 1e6;
    for (const { scanId, result, converter } of await scanner.upload(files)) {
      sent.push({ scanId, bundled });
      const what =
        result === 'already-here' ? 'already here' : result === 'new-scan' ? 'new scan' : 'new revision';
      say(
        `  ${String(i + 1).padStart(2)}/${bundle.length}  ${bundled.folder}: ${files.length} files, ` +
          `${megabytes.toFixed(1)} MB → ${converter}, ${what}`,
      );
    }
  }
  return sent;
}

/** Waits until each scan has been analysed or has failed; what fails is said with its code. */
async function settled(
  viewer: Client,
  sent: readonly Sent[],
  { terminal }: CliContext,
  say: (line: string) => void,
): Promise<ReadonlyMap<string, ScanAnswer>> {
  const scans = new Map<string, ScanAnswer>();
  const deadline = Date.now() + PATIENCE_MS;
  const pending = new Set(sent.map(({ scanId }) => scanId));
  say(`Waiting for ${pending.size} scans to be analysed`);
  while (pending.size > 0 && Date.now() < deadline) {
    for (const scanId of pending) {
      const scan = await viewer.scan(scanId);
      scans.set(scanId, scan);
      if (!settles(scan.state, 'analysed')) continue;
      pending.delete(scanId);
      const problem = scan.revisions.at(-1)?.problem;
      if (scanStates[scan.state].hasFailed)
        terminal.err(`${problem?.code ?? 'failed'}: ${scanId}: ${problem?.detail ?? ''}\n`);
    }
    if (pending.size > 0) await sleep(POLL_MS);
  }
  if (pending.size > 0) terminal.err(`Scans not analysed in time: ${[...pending].join(', ')}\n`);
  return scans;
}

/** Selectivity for every third scan, whatever is in it: declared risk moves a case in the queue, too. */
const declaredScores = [20, 30, 10, 5] as const;

async function declareSome(
  administrator: Client,
  bundle: readonly BundledScan[],
  sent: readonly Sent[],
  scans: ReadonlyMap<string, ScanAnswer>,
): Promise<void> {
  const chosen = bundle.filter((_, i) => i % 3 === 0).slice(0, declaredScores.length);
  for (const [i, bundled] of chosen.entries()) {
    const scanId = sent.find((one) => one.bundled === bundled)?.scanId ?? '';
    const presentedAt = scans.get(scanId)?.acquiredAt;
    const score = declaredScores[i] ?? 0;
    await administrator.declare(`DEMO-${i + 1}`, {
      containers: [...bundled.containers],
      mrn: `26XX0000000000000${i + 1}`,
      description: bundled.cargo.join(', '),
      declaredEmpty: bundled.cargo.includes('empty'),
      selectivity: { score, reasons: [score >= 30 ? 'first shipment of this trader' : 'routine'] },
      ...defined({ presentedAt }),
    });
  }
}

function isAnalysed(scan: ScanAnswer | undefined): boolean {
  return scan !== undefined && scanStates[scan.state].due === 'triage';
}

/** Waits until every analysed scan has its cases and no declaration is still on its way to one. */
async function casesOpened(
  viewer: Client,
  { jobs }: { readonly jobs: JobCounts },
  sent: readonly Sent[],
  scans: ReadonlyMap<string, ScanAnswer>,
  say: (line: string) => void,
): Promise<boolean> {
  const wanted = sent.filter(({ scanId }) => isAnalysed(scans.get(scanId)));
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const { triage, 'rejoin-declaration': rejoin } = await jobs.counts();
    const busy = triage.waiting + triage.running + rejoin.waiting + rejoin.running;
    const open = new Set((await viewer.queue(CaseState.enum)).map(({ scanId }) => scanId));
    const missing = wanted.filter(({ scanId }) => !open.has(scanId));
    if (busy === 0 && missing.length === 0) return wanted.length === sent.length;
    if (Date.now() > deadline) {
      say(`Not in the queue in time: ${missing.map(({ scanId }) => scanId).join(', ')}`);
      return false;
    }
    await sleep(POLL_MS);
  }
}

/* ---- Showing ---------------------------------------------------------------------------------------------- */

async function queueRows(
  viewer: Client,
  address: string,
  sent: readonly Sent[],
): Promise<readonly DemoRow[]> {
  const cases = await viewer.queue(shownStates);
  const scans = new Map<string, ScanAnswer>();
  for (const { scanId } of cases) if (!scans.has(scanId)) scans.set(scanId, await viewer.scan(scanId));
  return cases.map((value, i) => {
    const scan = scans.get(value.scanId);
    const bundled = sent.find(({ scanId }) => scanId === value.scanId)?.bundled;
    return rowOf(value, i + 1, address, {
      converter: scan?.converter ?? 'unknown',
      completeness: scan?.completeness ?? null,
      layout: bundled?.layout ?? null,
      simulatedAnomaly: bundled === undefined ? null : isAnomalous(bundled, value.container),
    });
  });
}

function summarise(rows: readonly DemoRow[], say: (line: string) => void): void {
  const lines = rankingText(rows);
  if (lines.length > 0) say('');
  for (const line of lines) say(line);
}

async function stayUp(
  { signal }: CliContext,
  { address, signInToken }: DemoPlace,
  { analyst, supervisor }: Tokens,
  say: (line: string) => void,
): Promise<void> {
  say('');
  say(
    'The service keeps running. Open the workstation in a browser on this machine; you are signed in until the demo ends:',
  );
  for (const role of ['analyst', 'supervisor'])
    say(`  ${role.padEnd(10)} ${address}/demo-sign-in?token=${signInToken}&role=${role}`);
  say(`The API is described at ${address}/docs. To list the queue as the demo supervisor:`);
  say(`  curl -H 'Authorization: Bearer ${supervisor}' ${address}/v1/queue`);
  say('To take the most urgent case as the demo analyst:');
  say(
    `  curl -H 'Authorization: Bearer ${analyst}' -X POST -H 'Content-Type: application/json' -d '{}' ${address}/v1/cases/next`,
  );
  say('Press Ctrl-C to stop; the data stays.');
  if (!signal.aborted) await once(signal, 'abort');
}

import { relative } from 'node:path';
import type { Config } from './config.ts';
import { endingKeys } from './core/access.ts';
import { NiiError, problemOf } from './core/errors.ts';
import type { IdentityProvider } from './core/ports/identity-provider.ts';
import type { ObjectEncryption } from './core/ports/objects.ts';
import type { Clock, Log } from './core/ports/process.ts';
import type { AuditProtection } from './core/ports/records/audit.ts';
import type { Tx } from './core/ports/records.ts';
import type { TimedRecords } from './core/ports/stores.ts';
import type { Transactions } from './core/ports/transactions.ts';
import { unlinkedByAdministration } from './features/persons/decide.ts';
import { type CheckClockDeps, checkClockAtStart } from './maintenance/keep-clock.ts';
import { type RollbackDeps, reportRollbacks } from './maintenance/rollback.ts';
import {
  type Containment,
  type ContainmentKind,
  findContainment,
  isAtLeast,
} from './runtime/contain/containment.ts';
import { isLoopback, isPlainAddress } from './runtime/plain-connections.ts';

interface WarnDeps {
  readonly records: Transactions<Tx<'keys' | 'identitiesOf'>> & AuditProtection;
  readonly clock: Clock;
  readonly encryption: Pick<ObjectEncryption, 'keyId' | 'bucket'>;
}

/** Warns of what makes this installation weaker than it could be. */
export async function warnAtStart(deps: WarnDeps, config: Config, log: Log): Promise<void> {
  await warnOfRights(deps.records, config, log);
  await warnOfUnlinked(deps, log);
  await warnOfEndingKeys(deps, log);
  warnOfRoot(config, log);
  warnOfFirstProcess(process.pid, log);
  logEncryption(deps.encryption, config, log);
  warnOfPlainConnections(config, log);
}

/** Whoever takes over a process of root has the machine. */
export function warnOfRoot({ allowRoot }: Config, log: Log): void {
  if (process.getuid?.() === 0 && !allowRoot)
    log.warn({}, 'the service runs as root; run it as a separate user, or set NII_ALLOW_ROOT=1');
}

/**
 * The first process of a container inherits what a child of ours started, and Node never collects it: each ended process
 * stays in the process table (waitpid(2)), until no new one can start.
 */
export function warnOfFirstProcess(pid: number, log: Log): void {
  if (pid === 1)
    log.warn(
      {},
      'the service is the first process of its container, so ended processes pile up; start the container with an init (docker run --init)',
    );
}

/** The audit is worth as much as the rights of the service allow. */
export async function warnOfRights(
  protection: AuditProtection,
  { records }: Config,
  log: Log,
): Promise<void> {
  if (await protection.mayRewriteAudit())
    log.warn(
      {},
      'the role in NII_DATABASE_URL can change the audit log; use a role with fewer rights (nii migrate)',
    );
  if (records.kind === 'server' && records.ownerUrl !== undefined)
    log.warn(
      {},
      'NII_DATABASE_OWNER_URL is only for nii migrate; remove it from the settings of the service',
    );
}

/** What a machine needs for each way. */
const needs: Readonly<Record<Exclude<ContainmentKind, 'none'>, string>> = {
  bubblewrap: 'install bubblewrap, and allow user namespaces',
  landlock: 'install util-linux 2.40 or newer, on Linux 5.13 or newer with Landlock',
  unshare: 'install util-linux, and run as root or allow user namespaces',
  permissions: 'run the service on Linux',
};

/** @throws NII_CONFIG where this machine contains less well than the settings ask for; says what to install */
export async function requireContainment(
  { leastContainment: least }: Pick<Config, 'leastContainment'>,
  find: () => Promise<Pick<Containment, 'kind' | 'missing'>> = findContainment,
): Promise<void> {
  if (least === 'none') return; // without the time that the search takes
  const { kind, missing } = await find();
  if (isAtLeast(kind, least)) return;
  const detail = `NII_CONTAINED is ${least}, but this machine allows only ${kind}: ${needs[least]} (${missing.join('; ')})`;
  throw new NiiError('NII_CONFIG', detail);
}

/** Says how well this machine lets us contain the processes that read files of strangers. */
export async function logContainment(log: Log): Promise<void> {
  const { kind, missing } = await findContainment();
  if (kind === 'none') log.warn({ missing }, 'not contained');
  else log.info({ way: kind, missing }, 'contained');
}

/** Says how stored objects are encrypted. */
export function logEncryption(
  { keyId, bucket }: Pick<ObjectEncryption, 'keyId' | 'bucket'>,
  { encryption, dataDir }: Pick<Config, 'encryption' | 'dataDir'>,
  log: Log,
): void {
  log.info(
    { keyId, bucket },
    keyId === undefined ? 'stored objects are not encrypted' : 'stored objects are encrypted',
  );
  if (bucket === 'none' && keyId === undefined)
    log.warn({}, 'the S3 server does not encrypt the bucket; switch on its default encryption');
  if (encryption !== undefined && !relative(dataDir, encryption.keyFile).startsWith('..'))
    log.warn(
      {},
      'the key file is in the data folder: a copy of the folder has both; move it to another disk',
    );
  if (encryption?.plain === 'read')
    log.warn({}, 'plain objects are read; when nii verify counts none, remove NII_OBJECT_PLAIN');
}

/**
 * Reports what went back since the last run, the clock as well, and holds what may be wrong by that.
 * @throws NII_ROLLED_BACK after closing, if the settings say stop
 */
export async function checkPastAtStart(
  { deps, close }: { readonly deps: RollbackDeps & CheckClockDeps; close(): Promise<void> },
  { onRollback }: Config,
): Promise<void> {
  try {
    await checkClockAtStart(deps);
    await reportRollbacks(deps, onRollback);
  } catch (error) {
    await close();
    throw error;
  }
}

/** People who are signed in go on working without the provider, so the service starts; each sign-in retries. */
export async function warnOfUnreachableProvider(
  provider: IdentityProvider | undefined,
  log: Log,
): Promise<void> {
  try {
    await provider?.ready();
  } catch (error) {
    const { code, detail } = problemOf(error);
    log.warn(
      { code, detail },
      'nobody can sign in until the identity provider responds; each sign-in tries again',
    );
  }
}

/** Without TLS, others on the network can read keys and scans. */
function warnOfPlainConnections({ host, lane, objects }: Config, log: Log): void {
  if (!isLoopback(host))
    log.warn({ host }, 'NII_HOST is open to other machines, without TLS; put a TLS proxy in front of it');
  const addresses = {
    NII_LANE_URL: lane?.url,
    NII_S3_URL: objects.kind === 's3' ? objects.endPoint : undefined,
  };
  for (const [setting, address] of Object.entries(addresses)) {
    const url = URL.parse(address ?? '');
    if (url !== null && isPlainAddress(url))
      log.warn({ setting }, 'the connection to another machine has no TLS; use https');
  }
}

async function warnOfUnlinked(deps: TimedRecords<Tx<'keys' | 'identitiesOf'>>, log: Log): Promise<void> {
  const unlinked = await unlinkedByAdministration(deps);
  if (Object.keys(unlinked).length === 0) return;
  const text =
    'unlinked persons cannot give second readings or act as second officer; link them with nii persons link';
  log.warn({ unlinked }, text);
}

/** Does nothing while the database is unreachable: the next warning is a day later. */
export async function warnOfEndingKeys(
  { records, clock }: TimedRecords<Tx<'keys'>>,
  log: Log,
): Promise<void> {
  try {
    const keys = await records.transaction((tx) => tx.keys());
    for (const { keyId, administration, endsAt } of endingKeys(keys, clock.now()))
      log.warn({ key: keyId, administration, endsAt }, 'key ends soon; create its successor with nii keys');
  } catch (err) {
    log.warn({ err }, 'cannot check which keys end soon');
  }
}

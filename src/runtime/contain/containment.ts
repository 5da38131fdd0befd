import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { bareEnvironment, type CommandLine } from '../children/command-line.ts';
import { systemCallFilter } from './system-calls.ts';

/** What a contained child can reach; everything else is out of its sight. */
export interface Confines {
  /** Files and folders that it reads. */
  readonly reads: readonly string[];
  /** Folders that it writes. */
  readonly writes: readonly string[];
  /** Whether it loads native code of ours; only Node's own permissions tell that apart. */
  readonly addons?: boolean;
}

/** From the strongest down; docs/security/containment.md says what each of them stops. */
export const containmentKinds = ['bubblewrap', 'landlock', 'unshare', 'permissions', 'none'] as const;
export type ContainmentKind = (typeof containmentKinds)[number];

/** Whether one is at least as strong as another. */
export function isAtLeast(kind: ContainmentKind, least: ContainmentKind): boolean {
  return containmentKinds.indexOf(kind) <= containmentKinds.indexOf(least);
}

export interface Containment {
  readonly kind: ContainmentKind;
  /** What this machine lacks for the stronger ones. */
  readonly missing: readonly string[];
  /** The command, contained. @param command - begins with Node's path */
  contain(command: CommandLine, confines: Confines): CommandLine;
}

const run = promisify(execFile);
const TRY_MS = 10_000;

type Contain = Containment['contain'];

const ways: readonly { readonly kind: Exclude<ContainmentKind, 'none'>; readonly contain: Contain }[] = [
  { kind: 'bubblewrap', contain: (command, confines) => bubblewrap(filtered(command), confines) },
  { kind: 'landlock', contain: landlock },
  { kind: 'unshare', contain: (command, confines) => unshared(permitted(command, confines)) },
  { kind: 'permissions', contain: permitted },
];

let found: Promise<Containment> | undefined;

/** The strongest that this machine allows; tried once. */
export function findContainment(): Promise<Containment> {
  found ??= tryWays();
  return found;
}

async function tryWays(): Promise<Containment> {
  const missing: string[] = [];
  for (const { kind, contain } of ways) {
    const fault = await faultOf(contain);
    if (fault === undefined) return { kind, missing, contain };
    missing.push(`${kind}: ${fault}`);
  }
  return { kind: 'none', missing, contain: (command) => command };
}

/** Those that this machine allows; for the tests, which try each. */
export async function allContainments(): Promise<readonly Containment[]> {
  const faults = await Promise.all(ways.map(({ contain }) => faultOf(contain)));
  return ways.filter((_, i) => faults[i] === undefined).map((way) => ({ ...way, missing: [] }));
}

/** Starts Node in it, once, with the environment of a child: it finds the programs of the way on the same PATH. */
async function faultOf(contain: Contain): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'this is not Linux';
  const [program, ...args] = contain([process.execPath, '--version'], { reads: [], writes: [] });
  try {
    await run(program, args, { timeout: TRY_MS, env: bareEnvironment() });
    return undefined;
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string };
    return (stderr.trim() || message).split('\n')[0]?.slice(0, 200) ?? 'it failed';
  }
}

/* ---- What every child needs ------------------------------------------------------------------------------- */

/** Node and the libraries that it loads. */
const SYSTEM_FILES = ['/etc/ld.so.cache', '/etc/ssl/openssl.cnf'];
/** What the kernel says of memory and processors; onnxruntime chooses its loops by the processor. */
const MACHINE_FILES = ['/dev/urandom', '/proc/meminfo', '/proc/cpuinfo'];
const PROCESSORS = '/sys/devices/system/cpu';

function systemFolders(): readonly string[] {
  const own = dirname(dirname(process.execPath));
  return own === '/usr' || own.startsWith('/usr/') || own === '/' ? ['/usr'] : ['/usr', own];
}

function isFolder(path: string): boolean {
  return statSync(path).isDirectory();
}

let filterFile: string | undefined;

/** The filter of system calls in a file, for setpriv(1), which loads it. */
function filterPath(): string {
  if (filterFile !== undefined) return filterFile;
  const filter = systemCallFilter();
  if (filter === undefined) throw new Error(`no filter of system calls for ${process.arch}`);
  const folder = mkdtempSync(join(tmpdir(), 'nii-filter-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  filterFile = join(folder, 'filter');
  writeFileSync(filterFile, filter);
  return filterFile;
}

/* ---- The ways --------------------------------------------------------------------------------------------- */

function filtered(command: CommandLine): CommandLine {
  return ['setpriv', '--no-new-privs', '--seccomp-filter', filterPath(), '--', ...command];
}

/** bubblewrap: spaces of its own for network, processes, users and files; no capabilities; its folders and no other. */
function bubblewrap(command: CommandLine, { reads, writes }: Confines): CommandLine {
  const bind = (option: string, paths: readonly string[]) => paths.flatMap((path) => [option, path, path]);
  const links = ['/bin', '/sbin', '/lib', '/lib64'].filter((path) => existsSync(path)).flatMap(linkOrBind);
  return [
    'bwrap',
    ...['--unshare-all', '--unshare-user', '--disable-userns', '--uid', '65534', '--gid', '65534'],
    ...['--cap-drop', 'ALL', '--die-with-parent', '--hostname', 'contained'],
    ...bind('--ro-bind', systemFolders()),
    ...links,
    ...bind('--ro-bind-try', [...SYSTEM_FILES, PROCESSORS]),
    ...['--proc', '/proc', '--dev', '/dev'],
    ...bind('--ro-bind', [filterPath(), ...reads]),
    ...bind('--bind', writes),
    // under root, a child could otherwise write kernel settings below /proc, although it appears as nobody
    ...['/proc', '/dev', '/'].flatMap((path) => ['--remount-ro', path]),
    ...['--chdir', '/', '--'],
    ...command,
  ];
}

/** Debian's are links into /usr; where they are folders, they are shown. */
function linkOrBind(path: string): readonly string[] {
  try {
    return ['--symlink', readlinkSync(path), path];
  } catch {
    return ['--ro-bind', path, path];
  }
}

/** Landlock and the filter, both by setpriv: no space of its own, but no files but its own and no socket. */
function landlock(command: CommandLine, { reads, writes }: Confines): CommandLine {
  const rule = (access: string) => (path: string) => ['--landlock-rule', `path-beneath:${access}:${path}`];
  const there = [...SYSTEM_FILES, ...MACHINE_FILES].filter((path) => existsSync(path));
  const processors = [PROCESSORS].filter((path) => existsSync(path));
  return [
    'setpriv',
    ...['--no-new-privs', ...capabilitiesDropped(), '--landlock-access', 'fs'],
    ...systemFolders().flatMap(rule('execute,read-file,read-dir')),
    ...there.flatMap(rule('read-file')),
    ...processors.flatMap(rule('read-file,read-dir')),
    ...rule('read-file,write-file')('/dev/null'),
    ...reads.flatMap((path) => rule(isFolder(path) ? 'read-file,read-dir' : 'read-file')(path)),
    ...writes.flatMap(rule('read-file,read-dir,write-file,make-reg,remove-file,truncate')),
    ...['--seccomp-filter', filterPath(), '--'],
    ...command,
  ];
}

/**
 * Only a process with capabilities may empty its bounding set. A user without them needs nothing: what the process
 * starts cannot gain any.
 */
function capabilitiesDropped(): readonly string[] {
  const permitted = /^CapPrm:\s*(\w+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1];
  return /^0+$/.test(permitted ?? '') ? [] : ['--bounding-set', '-all'];
}

/** Spaces of its own for network and processes; files by Node's permissions. */
function unshared(command: CommandLine): CommandLine {
  const user = process.getuid?.() === 0 ? [] : ['--user', '--map-current-user'];
  const spaces = ['--net', '--pid', '--mount', '--ipc', '--uts', '--fork', '--kill-child=SIGKILL'];
  return ['unshare', ...user, ...spaces, '--mount-proc', '--', ...command];
}

/** What switches Node's permissions on; its name was another one before Node 22.13. */
const PERMISSION = process.allowedNodeEnvironmentFlags.has('--permission')
  ? '--permission'
  : '--experimental-permission';

/**
 * Node's own permissions: no file but its own and no process. They do not bind native code, nor the network before
 * Node 25.
 */
function permitted([node, ...args]: CommandLine, { reads, writes, addons }: Confines): CommandLine {
  return [
    node,
    ...[PERMISSION, ...(addons === true ? ['--allow-addons'] : [])],
    ...['--disable-warning=ExperimentalWarning', '--disable-warning=SecurityWarning'],
    ...[...reads, ...writes].map((path) => `--allow-fs-read=${path}`),
    ...writes.map((path) => `--allow-fs-write=${path}`),
    ...args,
  ];
}

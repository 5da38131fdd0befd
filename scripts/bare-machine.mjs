/**
 * `node scripts/bare-machine.mjs`: the smoke test (scripts/smoke.mjs) on a machine with nothing of ours: in a copy of the
 * checkout, and with no program of scripts/debian-parts.sh on the PATH. Once in each lesser way of containment, as root and
 * as an ordinary user, and once as in a container without root, with the tests of those programs, which are then left
 * out. Only the compiler stays visible, because the test of containment compiles its attack.
 *
 *   --whole  all of `npm test` instead, without a terminal and without the compiler, in the way of containment that such a
 *            machine takes; under root, what the tests find outside of the PATH is hidden as well. An hour on two cores.
 *            What follows `--` goes to `npm test`
 *   --root   as root alone
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt, ensureInstalled, root } from './launch.mjs';
import { vitest } from './steps.mjs';
import { openTotals } from './totals.mjs';

/** What is hidden for each way, so that no stronger one can be taken. */
const hiddenFor = { landlock: [], unshare: ['setpriv'], permissions: ['setpriv', 'unshare'] };
/** Where Debian's parts are found without the PATH, besides /usr/sbin. */
const elsewhere = ['/usr/lib/postgresql', '/usr/lib/python3/dist-packages', '/usr/share/orthanc'];
/** What a container without root is to its processes: a user and process namespace of the user who started it. */
const rootless = ['--user', '--map-current-user', '--mount', '--pid', '--fork', '--mount-proc'];
const compiler = 'gcc';
/** Tests of nothing but such parts: a file that collects no test without its part would fail the run. */
const partsTests = [
  ...['medium/page', 'medium/audit', 'medium/s3-', 'medium/orthanc', 'medium/prometheus'],
  ...['service/deploy', 'service/http/dicomweb-docs'],
].map((name) => `test/${name}`);
const OTHER_WAY = 3;

/** The programs that scripts/debian-parts.sh looks for. */
function debianPrograms() {
  const text = readFileSync(path.join(root, 'scripts/debian-parts.sh'), 'utf8');
  const names = [...text.matchAll(/\bhave ([\w. -]+)/g)].flatMap(([, found]) => found.trim().split(' '));
  return [...new Set(names)].filter((name) => name !== compiler);
}

/** A folder of links to every program of the PATH but these; the first of a name is the one that the PATH finds. */
function linkPrograms(folder, hidden) {
  mkdirSync(folder, { recursive: true });
  const names = new Set(hidden);
  for (const place of process.env.PATH.split(':').filter((each) => path.isAbsolute(each))) {
    for (const name of programsIn(place)) {
      if (names.has(name)) continue;
      names.add(name);
      symlinkSync(path.join(place, name), path.join(folder, name));
    }
  }
}

function programsIn(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return []; // the PATH may name folders that are not there
  }
}

/** The files of the checkout as they are now, what npm installed and what was built. */
function copyCheckout(to) {
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const files = execFileSync('git', list, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 }).split('\0');
  for (const name of files.filter((each) => each !== '' && existsSync(path.join(root, each))))
    cpSync(path.join(root, name), path.join(to, name), { preserveTimestamps: true });
  for (const name of ['node_modules', 'dist', '.git'])
    execFileSync('cp', ['-a', '--reflink=auto', path.join(root, name), to]);
}

/** Any account that is not root's: PostgreSQL does not start for a user without one. */
function ordinaryUser() {
  const idOf = (option) => Number(execFileSync('id', [option, 'nobody'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

function users() {
  if (process.getuid() !== 0) return { 'an ordinary user': {} };
  return values.root ? { root: {} } : { 'an ordinary user': ordinaryUser(), root: {} };
}

/** Gives a user a checkout and a home of their own, below a folder. */
function settle(below, ids) {
  const checkout = path.join(below, 'nii-hub');
  const home = path.join(below, 'home');
  mkdirSync(home);
  copyCheckout(checkout);
  if (ids.uid !== undefined) execFileSync('chown', ['-R', `${ids.uid}:${ids.gid}`, checkout, home]);
  return { checkout, home };
}

/** Under root: the command in a mount namespace where the parts cannot be found, as the user. */
function withHidden({ uid, gid }, command) {
  if (process.getuid() !== 0) return command;
  const programs = debianPrograms().map((name) => `/usr/sbin/${name}`);
  const mounts = [
    ...elsewhere.filter(existsSync).map((each) => `mount -t tmpfs none ${each}`),
    ...programs.filter(existsSync).map((each) => `mount --bind /dev/null ${each}`),
  ];
  const user = uid === undefined ? [] : ['setpriv', '--reuid', uid, '--regid', gid, '--clear-groups'];
  const run = [...mounts, ['exec', ...user, '"$@"'].join(' ')].join(' && ');
  return ['unshare', '--mount', 'sh', '-c', run, 'sh', ...command];
}

/** All of `npm test`, as a user who has Node and nothing else. */
function testWhole(below, ids, options) {
  const { checkout, home } = settle(below, ids);
  const programs = path.join(below, 'path');
  linkPrograms(programs, debianPrograms().concat(compiler));
  const { CI: _, ...own } = process.env;
  const env = { ...own, HOME: home, TMPDIR: home, NII_TEST_COMPLETE: '' };
  const withPath = ['env', `PATH=${programs}`, 'npm', 'test', '--', ...options];
  const [command, ...args] = withHidden(ids, withPath);
  return (
    spawnSync(command, args, { cwd: checkout, env, stdio: ['ignore', 'inherit', 'inherit'] }).status === 0
  );
}

/** The smoke test in each way, and the tests of the missing programs in the first of them. */
function testWays(below, user, ids) {
  const { checkout, home } = settle(below, ids);
  for (const [kind, hidden] of Object.entries(hiddenFor)) {
    const name = `${kind} as ${user}`;
    const programs = path.join(below, 'path', kind);
    linkPrograms(programs, [...debianPrograms(), ...hidden]);
    console.log(`${name}: the smoke test`);
    // tests may be left out here, but no run
    const env = { ...process.env, PATH: programs, HOME: home, TMPDIR: home, NII_TEST_COMPLETE: '' };
    const args = ['scripts/smoke.mjs', '--few', '--contained', kind];
    const options = { cwd: checkout, env, ...ids, stdio: 'inherit' };
    const { status, error } = spawnSync(process.execPath, args, options);
    if (error) console.log(error.message);
    if (kind === 'landlock' && user !== 'root') {
      console.log(`${name}, in a user namespace: the smoke test`);
      const inside = spawnSync('unshare', [...rootless, process.execPath, ...args], options);
      const within = `${name}, in a user namespace as of a container without root`;
      if (inside.status === OTHER_WAY) totals.leaveOut(within, 'this machine does not allow it');
      else totals.count(within, inside.status === 0);
    }
    if (kind === 'landlock') {
      const [command, ...rest] = vitest(['medium', 'service'], partsTests);
      const { status: left } = spawnSync(command, rest, options);
      totals.count(`tests that need the missing programs are left out, as ${user}`, left === 0);
    }
    rmSync(programs, { recursive: true });
    if (status === OTHER_WAY) totals.leaveOut(name, 'this machine does not allow it');
    else totals.count(name, status === 0);
  }
}

const { values, positionals } = parseArgs({
  options: { whole: { type: 'boolean' }, root: { type: 'boolean' } },
  allowPositionals: true,
});
ensureInstalled();
ensureBuilt();
const totals = openTotals('bare machine');
for (const [user, ids] of Object.entries(users())) {
  // a short name: sockets lie below it
  const below = mkdtempSync(path.join(os.tmpdir(), 'nii-b-'));
  const remove = () => rmSync(below, { recursive: true, force: true });
  process.once('exit', remove);
  chmodSync(below, 0o755);
  if (values.whole) totals.count(`npm test, as ${user}`, testWhole(below, ids, positionals));
  else testWays(below, user, ids);
  remove();
}
if (process.getuid() !== 0) totals.leaveOut('the ways of containment as root', 'this user is another one');
totals.close();

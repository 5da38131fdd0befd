/**
 * `node scripts/bare-machine.mjs`: the smoke test (scripts/smoke.mjs) on a machine with nothing of ours: in a copy of the
 * checkout, and with no program of scripts/debian-parts.sh on the PATH. Once in each lesser way of containment, as root and
 * as an ordinary user, and once as in a container without root, with the tests of those programs, which are then left out. Only the compiler stays visible, because the
 * test of containment compiles its attack.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
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
import { ensureBuilt, ensureInstalled, root } from './launch.mjs';
import { vitest } from './steps.mjs';
import { openTotals } from './totals.mjs';

/** What is hidden for each way, so that no stronger one can be taken. */
const hiddenFor = { landlock: [], unshare: ['setpriv'], permissions: ['setpriv', 'unshare'] };
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
  const names = [...text.matchAll(/\bhave ([\w -]+)/g)].flatMap(([, found]) => found.trim().split(' '));
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
  for (const name of ['node_modules', 'dist'])
    execFileSync('cp', ['-a', '--reflink=auto', path.join(root, name), to]);
}

/** Any account that is not root's: PostgreSQL does not start for a user without one. */
function ordinaryUser() {
  const idOf = (option) => Number(execFileSync('id', [option, 'nobody'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

function users() {
  if (process.getuid() !== 0) return { 'an ordinary user': {} };
  // the ordinary user first: nothing that root leaves in the copy is then in the way
  return { 'an ordinary user': ordinaryUser(), root: {} };
}

ensureInstalled();
ensureBuilt();
const totals = openTotals('bare machine');
// a short name: sockets lie below it
const work = mkdtempSync(path.join(os.tmpdir(), 'nii-b-'));
process.once('exit', () => rmSync(work, { recursive: true, force: true }));
chmodSync(work, 0o755);
const checkout = path.join(work, 'nii-hub');
copyCheckout(checkout);

for (const [user, ids] of Object.entries(users())) {
  const home = mkdtempSync(path.join(work, 'h-'));
  if (ids.uid !== undefined) {
    execFileSync('chown', ['-R', `${ids.uid}:${ids.gid}`, checkout]);
    chownSync(home, ids.uid, ids.gid);
  } else chmodSync(home, 0o755);
  for (const [kind, hidden] of Object.entries(hiddenFor)) {
    const name = `${kind} as ${user}`;
    const programs = path.join(work, 'path', kind);
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
if (process.getuid() !== 0) totals.leaveOut('the ways of containment as root', 'this user is another one');
totals.close();

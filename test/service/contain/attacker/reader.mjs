/** A converter that tries what it must not, instead of reading. It prints what succeeded, one JSON line. */
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import fs, { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';

const WAIT_MS = 1_500;

const connect = (target) =>
  new Promise((resolve, reject) => {
    const socket = createConnection(target);
    socket.setTimeout(WAIT_MS, () => reject(new Error('time')));
    socket.once('error', reject).once('connect', () => resolve(socket.destroy()));
  });

const sendDatagram = (port) =>
  new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.once('error', reject);
    socket.send('x', port, '127.0.0.1', (error) => {
      socket.close();
      if (error) reject(error);
      else resolve();
    });
  });

/** Node's permissions reject it where nobody can catch it. */
const listen = () =>
  new Promise((resolve, reject) => {
    process.once('uncaughtException', reject);
    const server = createServer();
    server.once('error', reject).listen(0, '127.0.0.1', () => server.close(resolve));
  }).finally(() => process.removeAllListeners('uncaughtException'));

function startThread() {
  const thread = new Worker('', { eval: true });
  return new Promise((resolve, reject) => thread.once('error', reject).once('exit', resolve));
}

function makeSetuidProgram(place) {
  closeSync(openSync(place, 'w', 0o4755));
  if ((fs.statSync(place).mode & 0o4000) === 0) throw new Error('it is none');
}

/** A file of its own, open, for an attempt on the descriptor. */
function withOwnFile(place, attempt) {
  const fd = openSync(place, 'w');
  try {
    attempt(fd);
  } finally {
    closeSync(fd);
  }
}

function start() {
  const { error } = spawnSync('/bin/true', { stdio: 'ignore' });
  if (error) throw error;
}

function readBytes(path) {
  if (readFileSync(path).length === 0) throw new Error('nothing in it');
}

const { O_RDONLY, O_WRONLY, O_RDWR, O_TRUNC } = fs.constants;
const uid = process.getuid?.();
const gid = process.getgid?.();

/** What is tried, by the name that docs/security/containment.md gives it. */
const tries = ({ port, socket, abstract, secret, parent, elsewhere, victims, readable, room }) => {
  const victim = (name) => path.join(victims, name);
  const own = (name) => path.join(room, `${name}-script`);
  return {
    'connect to a port of this machine': () => connect({ host: '127.0.0.1', port }),
    'send a datagram': () => sendDatagram(port),
    'listen on a port': listen,
    'connect to a local socket': () => connect({ path: socket }),
    'connect to an abstract socket': () => connect({ path: `\0${abstract}` }),
    'read a file of the service': () => readBytes(secret),
    'see the size of a file of the service': () => fs.statSync(secret),
    'write outside its folder': () => writeFileSync(elsewhere, 'x'),
    'truncate a file of the service': () => fs.truncateSync(victim('object'), 1),
    'empty a file that it may only read': () => closeSync(openSync(readable, O_RDONLY | O_TRUNC)),
    'empty it with both ways of writing': () => closeSync(openSync(readable, O_WRONLY | O_RDWR | O_TRUNC)),
    'delete a file of the service': () => fs.unlinkSync(victim('doomed')),
    'rename a file of the service': () => fs.renameSync(victim('named'), victim('renamed')),
    'make a folder outside its folder': () => fs.mkdirSync(victim('made')),
    'link a file of the service into its folder': () => fs.linkSync(secret, own('hard')),
    'make a symbolic link': () => fs.symlinkSync(secret, own('soft')),
    'chmod the data folder': () => fs.chmodSync(victim('data'), 0o777),
    'chmod an object': () => fs.chmodSync(victim('object'), 0o777),
    'chmod its own folder': () => fs.chmodSync(room, 0o777),
    'chmod an open file': () => withOwnFile(own('mode'), (fd) => fs.fchmodSync(fd, 0o4755)),
    'make a set-user-ID program': () => makeSetuidProgram(own('setuid')),
    'chown a file': () => fs.chownSync(victim('object'), uid, gid),
    'chown a link': () => fs.lchownSync(victim('object'), uid, gid),
    'chown an open file': () => withOwnFile(own('owner'), (fd) => fs.fchownSync(fd, uid, gid)),
    'set the times of a file': () => fs.utimesSync(victim('object'), 1, 1),
    'set the times of an open file': () => withOwnFile(own('times'), (fd) => fs.futimesSync(fd, 1, 1)),
    'watch a folder of the service': () => fs.watch(victims).close(),
    'start a program': start,
    'start a thread': startThread,
    'read the environment of the service': () => readBytes(`/proc/${parent}/environ`),
    'read the memory map of the service': () => readBytes(`/proc/${parent}/maps`),
    'read the status of the service': () => readBytes(`/proc/${parent}/status`),
    'open the memory of the service': () => closeSync(openSync(`/proc/${parent}/mem`, 'r')),
    'offer the service to the out-of-memory killer': () =>
      closeSync(openSync(`/proc/${parent}/oom_score_adj`, 'r+')),
    'signal the service': () => process.kill(parent, 0),
    'set the priority of the service': () => os.setPriority(parent, os.getPriority(parent)),
    'change its user': () => process.setuid(uid),
    'write a setting of the kernel': () => closeSync(openSync('/proc/sys/kernel/hostname', 'r+')),
  };
};

export async function read([file], sdk) {
  const order = JSON.parse(Buffer.from(file.bytes).toString('utf8').split('\n')[1]);
  const done = [];
  for (const [name, attempt] of Object.entries(tries(order))) {
    try {
      await attempt();
      done.push(name);
    } catch {
      // that is what we hope for
    }
  }
  process.stderr.write(`${JSON.stringify({ done })}\n`);
  process.env.NII_PICTURE = order.picture;
  process.env.NII_ROOM = order.room;
  process.env.NII_VICTIM = String(order.victim);
  try {
    process.dlopen({ exports: {} }, order.addon);
  } catch {
    // it has run, and is no addon that Node knows
  }
  throw sdk.error('NII_MALFORMED', 'an attack');
}

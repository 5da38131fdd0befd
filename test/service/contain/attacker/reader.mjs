/** A converter that tries what it must not, instead of reading. It prints what succeeded, one JSON line. */
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';

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

function start() {
  const { error } = spawnSync('/bin/true', { stdio: 'ignore' });
  if (error) throw error;
}

function readBytes(path) {
  if (readFileSync(path).length === 0) throw new Error('nothing in it');
}

/** What is tried, by the name that docs/security/containment.md gives it. */
const tries = ({ port, socket, secret, parent, elsewhere }) => ({
  'connect to a port of this machine': () => connect({ host: '127.0.0.1', port }),
  'send a datagram': () => sendDatagram(port),
  'connect to a local socket': () => connect({ path: socket }),
  'read a file of the service': () => readBytes(secret),
  'read the environment of the service': () => readBytes(`/proc/${parent}/environ`),
  'open the memory of the service': () => closeSync(openSync(`/proc/${parent}/mem`, 'r')),
  'start a program': start,
  'write outside its folder': () => writeFileSync(elsewhere, 'x'),
  'signal the service': () => process.kill(parent, 0),
});

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
  try {
    process.dlopen({ exports: {} }, order.addon);
  } catch {
    // it has run, and is no addon that Node knows
  }
  throw sdk.error('NII_MALFORMED', 'an attack');
}

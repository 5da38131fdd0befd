import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasProgram } from '../dicom-tools.ts';
import { eventually } from '../eventually.ts';
import { freePort } from '../running-service.ts';

/** Debian has it in a folder that only root has on its path. */
const program = ['/usr/sbin/rsyslogd', '/usr/bin/rsyslogd'].find((path) => existsSync(path));

export const hasRsyslog = program !== undefined && hasProgram('openssl', 'version') && hasTls();

function hasTls(): boolean {
  const folders = existsSync('/usr/lib') ? readdirSync('/usr/lib') : [];
  return folders.some((folder) => existsSync(`/usr/lib/${folder}/rsyslog/lmnsd_gtls.so`));
}

/** A message as the receiver understood it. */
export interface Received {
  readonly priority: string;
  readonly facility: string;
  readonly severity: string;
  readonly version: string;
  readonly at: string;
  readonly host: string;
  readonly application: string;
  readonly process: string;
  readonly kind: string;
  readonly data: string;
  readonly text: string;
}

const properties: Readonly<Record<keyof Received, string>> = {
  priority: 'name="pri"',
  facility: 'name="syslogfacility"',
  severity: 'name="syslogseverity-text"',
  version: 'name="protocol-version"',
  at: 'name="timereported" dateFormat="rfc3339"',
  host: 'name="hostname"',
  application: 'name="app-name"',
  process: 'name="procid"',
  kind: 'name="msgid"',
  data: 'name="structured-data"',
  text: 'name="msg"',
};

/** A receiver with TLS on loopback, which wants to see the certificate of who sends. */
export class Rsyslog {
  readonly port: number;
  readonly #folder: string;
  #child: ChildProcess | undefined;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.port = port;
  }

  static async start(): Promise<Rsyslog> {
    const receiver = new Rsyslog(await mkdtemp(join(tmpdir(), 'nii-rsyslog-')), await freePort());
    makeCertificates(receiver.#folder);
    await writeFile(receiver.file('rsyslog.conf'), configuration(receiver.#folder, receiver.port));
    await receiver.run();
    return receiver;
  }

  /** `ca.pem` with `client.pem` and `client.key`, and `other-ca.pem`, which signed nothing here. */
  file(name: string): string {
    return join(this.#folder, name);
  }

  async run(): Promise<void> {
    const files = ['-f', this.file('rsyslog.conf'), '-i', this.file('pid')];
    this.#child = spawn(program ?? 'rsyslogd', ['-n', ...files], { stdio: 'ignore' });
    await eventually('rsyslog listens', 30, () => isListening(this.port));
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  async received(): Promise<readonly Received[]> {
    const text = await readFile(this.file('received.jsonl'), 'utf8').catch(() => '');
    // the last line may be half written
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port });
  await once(socket, 'connect');
  socket.destroy();
  return true;
}

function makeCertificates(folder: string): void {
  const openssl = (...args: readonly string[]) =>
    execFileSync('openssl', [...args], { cwd: folder, stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  for (const ca of ['ca', 'other-ca'])
    openssl('req', '-x509', ...key, '-keyout', `${ca}.key`, '-out', `${ca}.pem`, '-subj', `/CN=${ca}`);
  for (const name of ['server', 'client']) {
    const who = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];
    const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key'];
    openssl('req', '-x509', ...key, '-keyout', `${name}.key`, '-out', `${name}.pem`, ...who, ...by);
  }
}

function configuration(folder: string, port: number): string {
  const fields = Object.entries(properties).map(
    ([name, property]) => `property(outname="${name}" ${property} format="jsonf")`,
  );
  return `global(
  workDirectory="${folder}"
  maxMessageSize="64k"
  defaultNetstreamDriverCAFile="${folder}/ca.pem"
  defaultNetstreamDriverCertFile="${folder}/server.pem"
  defaultNetstreamDriverKeyFile="${folder}/server.key"
  parser.escapeControlCharactersOnReceive="off"
)
module(load="imtcp" streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="x509/certvalid")
input(type="imtcp" address="127.0.0.1" port="${port}")
template(name="json" type="list") {
  constant(value="{")
  ${fields.join('\n  constant(value=",")\n  ')}
  constant(value="}\\n")
}
action(type="omfile" file="${folder}/received.jsonl" template="json")
`;
}

import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { defined } from './core/defined.ts';
import { NiiError, orList } from './core/errors.ts';
import { defaultLimits, type Limits } from './core/limits.ts';
import { defaultSessionTerms } from './core/sign-in/session.ts';
import { addressList } from './http/connections/addresses.ts';
import type { ScrubTerms } from './maintenance/scrub.ts';
import { type ContainmentKind, containmentKinds } from './runtime/contain/containment.ts';
import { laneSecrets } from './steps/lane-signature.ts';

/** Where objects are kept: a folder under the data folder, or S3. */
export type ObjectsConfig =
  | { readonly kind: 'folder'; readonly dir: string }
  | {
      readonly kind: 's3';
      readonly endPoint: string;
      readonly accessKey: string;
      readonly secretKey: string;
      readonly bucket: string;
      readonly region: string | undefined;
      /** Whether the service starts only if the server encrypts the bucket. */
      readonly requireEncryption: boolean;
    };

/** How objects are encrypted before they go to the store. */
export interface EncryptionConfig {
  readonly keyFile: string;
  /** What becomes of stored objects that are not encrypted. */
  readonly plain: 'read' | 'reject';
}

/** Where records are kept: PostgreSQL under the data folder, or a server. */
export type RecordsConfig =
  | {
      readonly kind: 'embedded';
      readonly dir: string;
      /** Folder of the write-ahead log and base backups, for point-in-time recovery. */
      readonly archive: string | undefined;
      /** Recovery is possible to any time in this many last days. */
      readonly archiveDays: number;
    }
  | {
      readonly kind: 'server';
      readonly url: string;
      /** Of the role that owns the database, for migrations alone. */
      readonly ownerUrl: string | undefined;
    };

/** A receiver of syslog, to which the audit is streamed. */
export interface SyslogConfig {
  readonly host: string;
  readonly port: number;
  /** Files of PEM; undefined: plain TCP on this machine. */
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string } | undefined;
}

/** A provider of identities that speaks OpenID Connect. */
export interface OidcConfig {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecretFile: string;
  readonly scopes: string;
  readonly groupsClaim: string;
  /** File that says what each group is here. */
  readonly rolesFile: string;
}

export interface Config {
  /** Whether the service may run as root, and add the user that PostgreSQL then runs as. */
  readonly allowRoot: boolean;
  /** The weakest containment with which the service starts. */
  readonly leastContainment: ContainmentKind;
  readonly dataDir: string;
  /** Uploads on their way, and conversions. */
  readonly stagingDir: string;
  readonly host: string;
  readonly port: number;
  /** Where clients reach the service, as `https://scans.example`; undefined: where each request went to. */
  readonly publicUrl: string | undefined;
  /** Addresses and networks of proxies that say truly whose request they pass on. */
  readonly trustedProxies: readonly string[];
  /** Worker processes that `serve` starts beside the API. */
  readonly workers: number;
  /** Where a worker that no API started answers Prometheus; undefined: nowhere. */
  readonly workerMetricsPort: number | undefined;
  readonly objects: ObjectsConfig;
  /** Undefined: objects are stored as they are. */
  readonly encryption: EncryptionConfig | undefined;
  readonly records: RecordsConfig;
  readonly convertersDir: string | undefined;
  readonly codesDir: string | undefined;
  readonly modelsDir: string | undefined;
  readonly enableFake: boolean;
  readonly lane: { readonly url: string; readonly secrets: readonly string[] } | undefined;
  readonly syslog: SyslogConfig | undefined;
  /** The identity provider by which people sign in. */
  readonly oidc: OidcConfig | undefined;
  /** How long people stay signed in. */
  readonly sessions: { readonly idleMinutes: number; readonly hours: number };
  readonly limits: Limits;
  /** What is undefined here follows from the files that the process may open. */
  readonly connections: {
    readonly total: number | undefined;
    readonly perAddress: number | undefined;
    readonly bodyBytesPerSecond: number | undefined;
  };
  /** Folder of a backup that is kept current, from which faulty objects are repaired. */
  readonly replica: string | undefined;
  readonly scrub: ScrubTerms;
  /** Where the newest seal of the audit is noted besides the object store. */
  readonly witnessFile: string | undefined;
  /** What a start does after the database or the object store was rolled back. */
  readonly onRollback: 'report' | 'stop';
  readonly logLevel: string;
  /** Of commands that speak to a service. */
  readonly client: { readonly url: string | undefined; readonly key: string | undefined };
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Environment to one frozen, validated value; nothing else reads the environment.
 * @throws NII_CONFIG with one line that names the setting
 */
export function readConfig(env: Environment): Config {
  rejectUnknown(env);
  const dataDir = resolve(env.NII_DATA ?? 'data');
  return Object.freeze<Config>({
    allowRoot: flag(env, 'NII_ALLOW_ROOT'),
    leastContainment: leastContainment(env),
    dataDir,
    stagingDir: resolve(env.NII_STAGING ?? `${dataDir}/staging`),
    host: env.NII_HOST ?? '127.0.0.1',
    port: count(env, 'NII_PORT', 8080, 0, 65_535),
    publicUrl: originOf(env, 'NII_PUBLIC_URL'),
    trustedProxies: addressesOf(env, 'NII_TRUSTED_PROXIES'),
    workers: count(env, 'NII_WORKERS', 1, 0, 64),
    workerMetricsPort: optionalCount(env, 'NII_WORKER_METRICS_PORT', 1, 65_535),
    objects: objectsConfig(env, dataDir),
    encryption: encryptionConfig(env),
    records: recordsConfig(env, dataDir),
    convertersDir: absolute(env.NII_CONVERTERS_DIR),
    codesDir: absolute(env.NII_CODES_DIR),
    modelsDir: absolute(env.NII_MODELS_DIR),
    enableFake: flag(env, 'NII_ENABLE_FAKE'),
    lane: laneConfig(env),
    syslog: syslogConfig(env),
    oidc: oidcConfig(env),
    sessions: {
      idleMinutes: count(env, 'NII_SESSION_IDLE_MINUTES', defaultSessionTerms.idleMinutes, 1, 1440),
      hours: count(env, 'NII_SESSION_HOURS', defaultSessionTerms.hours, 1, 168),
    },
    limits: limitsConfig(env),
    connections: {
      total: optionalCount(env, 'NII_LIMIT_CONNECTIONS', 1, 1_000_000),
      perAddress: optionalCount(env, 'NII_LIMIT_CONNECTIONS_PER_ADDRESS', 1, 1_000_000),
      bodyBytesPerSecond: optionalCount(env, 'NII_LIMIT_BODY_BYTES_PER_SECOND', 0, 1_000_000_000),
    },
    replica: absolute(env.NII_REPLICA),
    scrub: {
      days: count(env, 'NII_SCRUB_DAYS', 30, 0, 3650),
      bytesPerSecond: count(env, 'NII_SCRUB_BYTES_PER_SECOND', 8 * 1024 * 1024, 1, 1_000_000_000_000),
    },
    witnessFile: absolute(env.NII_WITNESS_FILE),
    onRollback: choice(env, 'NII_ROLLBACK', ['report', 'stop']),
    logLevel: logLevel(env),
    client: { url: env.NII_URL, key: env.NII_KEY },
  });
}

/** Every setting, for --help and docs/how-to/operations.md; a test holds them together. */
export const settings: Readonly<Record<string, string>> = {
  NII_DATA: 'folder for all persistent data (./data)',
  NII_STAGING: 'staging folder for incomplete uploads (staging in the data folder)',
  NII_ALLOW_ROOT: '1 lets the service run as root without a warning, and add the user postgres (0)',
  NII_CONTAINED:
    'weakest containment with which the service starts: bubblewrap, landlock, unshare, permissions or none (none)',
  NII_HOST: 'address to listen on (127.0.0.1)',
  NII_PORT: 'port to listen on (8080)',
  NII_PUBLIC_URL: 'https://host at which clients reach the service, for links (the address of the request)',
  NII_TRUSTED_PROXIES: 'addresses or networks of trusted proxies, separated by commas (none)',
  NII_WORKERS: 'worker processes that serve starts (1)',
  NII_WORKER_METRICS_PORT: 'port for /metrics of nii worker (none)',
  NII_DATABASE_URL:
    'postgres://… of a server with PostgreSQL 15 or later; without it, an embedded database runs in the data folder',
  NII_DATABASE_OWNER_URL:
    'the same database with the role that owns it; only nii migrate uses it (NII_DATABASE_URL)',
  NII_DATABASE_ARCHIVE:
    'folder on another disk that receives all changes of the embedded database, for point-in-time recovery (none)',
  NII_DATABASE_ARCHIVE_DAYS:
    'number of past days within which the database can be restored to any point in time (7)',
  NII_S3_URL: 'http(s)://host:port of an S3 service; without it, objects are files in the data folder',
  NII_S3_ACCESS_KEY: 'required with NII_S3_URL',
  NII_S3_SECRET_KEY: 'required with NII_S3_URL',
  NII_S3_BUCKET: 'bucket (nii-hub)',
  NII_S3_REGION: 'region, if the service needs one',
  NII_S3_ENCRYPTION:
    'report or require: what the service does at startup if the server does not encrypt the bucket (report)',
  NII_OBJECT_KEY_FILE: 'file with the keys that encrypt stored objects (none)',
  NII_OBJECT_PLAIN:
    'reject or read: what the service does with stored objects that are not encrypted (reject)',
  NII_CONVERTERS_DIR: 'folder of additional converters',
  NII_CODES_DIR:
    'folder with lists of valid codes, such as locode.txt, hs.csv; other codes give a warning (none)',
  NII_MODELS_DIR: 'folder of additional models',
  NII_ENABLE_FAKE: '1 enables the converter for tests',
  NII_LANE_URL: 'address that receives lane instructions',
  NII_LANE_SECRET:
    'required with NII_LANE_URL; whsec_ and base64, several separated by spaces; each signs the announcements',
  NII_SYSLOG_URL: 'syslog+tls://host:6514 of a SIEM that receives the audit log (none)',
  NII_SYSLOG_CA: "file with the certificate authorities for the SIEM (Node's list)",
  NII_SYSLOG_CERT: 'file with the client certificate of this service (none)',
  NII_SYSLOG_KEY: 'file with the key of that certificate; required with NII_SYSLOG_CERT',
  NII_OIDC_ISSUER: 'https://… of the identity provider for sign-in (none)',
  NII_OIDC_CLIENT_ID: 'required with NII_OIDC_ISSUER: id of this service at the provider',
  NII_OIDC_CLIENT_SECRET_FILE: 'required with NII_OIDC_ISSUER: file with the secret from the provider',
  NII_OIDC_SCOPES: 'scopes to request, separated by spaces (openid profile)',
  NII_OIDC_GROUPS_CLAIM: 'claim that lists the groups of a person (groups)',
  NII_OIDC_ROLES:
    'required with NII_OIDC_ISSUER: JSON file with the roles, administration and site of each group',
  NII_SESSION_IDLE_MINUTES: 'minutes without activity after which a session ends (15)',
  NII_SESSION_HOURS: 'hours after which a session ends (12)',
  NII_SCRUB_DAYS:
    'days after which the service reads a stored object again and compares it with its hash (30; 0: never)',
  NII_SCRUB_BYTES_PER_SECOND: 'highest rate of these reads (8388608)',
  NII_REPLICA: 'folder of a current backup from which the service repairs missing and damaged objects (none)',
  NII_WITNESS_FILE: 'file on another disk that records the newest audit seal (none)',
  NII_ROLLBACK:
    'report or stop: what the service does at startup if the database or the object store was rolled back (report)',
  NII_LOG_LEVEL: 'fatal, error, warn, info, debug, trace or silent (info)',
  NII_URL: 'address of the service, for client commands',
  NII_KEY: 'key for client commands',
  NII_LIMIT_UPLOAD_BYTES: 'bytes of one upload',
  NII_LIMIT_UPLOAD_FILES: 'files of one upload, including files in archives',
  NII_LIMIT_ARCHIVE_BYTES: 'bytes of one archive after unpacking',
  NII_LIMIT_PIXELS: 'pixels of one channel',
  NII_LIMIT_CONVERT_SECONDS: 'wall time of one conversion',
  NII_LIMIT_CONVERT_BYTES: 'resident memory of one converter process',
  NII_LIMIT_INFER_SECONDS: 'wall time of one model run',
  NII_LIMIT_INFER_BYTES: 'resident memory of a model process',
  NII_LIMIT_QUEUED_JOBS: 'waiting jobs above which uploads are rejected',
  NII_LIMIT_LATE_FILE_SECONDS: 'how long a late file can join a scan',
  NII_LIMIT_OPEN_UPLOADS: 'resumable uploads that one key may have open',
  NII_LIMIT_RESUMABLE_SECONDS: 'how long a resumable upload may take',
  NII_LIMIT_CONNECTIONS: 'connections of one process (from the open-file limit, at most 4096)',
  NII_LIMIT_CONNECTIONS_PER_ADDRESS:
    'connections from one address (IPv6: one /64), except proxies (256, at most half of all)',
  NII_LIMIT_BODY_BYTES_PER_SECOND: 'lowest rate of a request body, averaged over 30 seconds (1024)',
};

/** A misspelt setting must not be a silent default. */
function rejectUnknown(env: Environment): void {
  const known = (name: string) => Object.hasOwn(settings, name) || name.startsWith('NII_TEST_');
  const unknown = Object.keys(env).filter((name) => name.startsWith('NII_') && !known(name));
  if (unknown.length > 0)
    throw new NiiError(
      'NII_CONFIG',
      `Invalid setting "${unknown.join(', ')}": nii settings lists all settings`,
    );
}

function objectsConfig(env: Environment, dataDir: string): ObjectsConfig {
  const endPoint = env.NII_S3_URL;
  const encryption = choice(env, 'NII_S3_ENCRYPTION', ['report', 'require']);
  if (endPoint === undefined && encryption === 'require') required(env, 'NII_S3_URL', 'NII_S3_ENCRYPTION');
  if (endPoint === undefined) return { kind: 'folder', dir: `${dataDir}/objects` };
  return {
    kind: 's3',
    endPoint,
    accessKey: required(env, 'NII_S3_ACCESS_KEY', 'NII_S3_URL'),
    secretKey: required(env, 'NII_S3_SECRET_KEY', 'NII_S3_URL'),
    bucket: env.NII_S3_BUCKET ?? 'nii-hub',
    region: env.NII_S3_REGION,
    requireEncryption: encryption === 'require',
  };
}

function encryptionConfig(env: Environment): EncryptionConfig | undefined {
  const plain = choice(env, 'NII_OBJECT_PLAIN', ['reject', 'read']);
  const keyFile = absolute(env.NII_OBJECT_KEY_FILE);
  if (keyFile !== undefined) return { keyFile, plain };
  if (env.NII_OBJECT_PLAIN !== undefined) required(env, 'NII_OBJECT_KEY_FILE', 'NII_OBJECT_PLAIN');
  return undefined;
}

/** One of a few words; the first is the default. */
function choice<T extends string>(env: Environment, name: string, words: readonly [T, ...T[]]): T {
  const text = env[name] ?? words[0];
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  throw new NiiError('NII_CONFIG', `Invalid ${name} "${text}": use ${orList(words)}`);
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

function logLevel({ NII_LOG_LEVEL: level = 'info' }: Environment): string {
  if (logLevels.includes(level)) return level;
  const detail = `Invalid NII_LOG_LEVEL "${level}": use one of ${logLevels.join(', ')}`;
  throw new NiiError('NII_CONFIG', detail);
}

function leastContainment({ NII_CONTAINED: written = 'none' }: Environment): ContainmentKind {
  const kind = containmentKinds.find((one) => one === written);
  if (kind !== undefined) return kind;
  const detail = `Invalid NII_CONTAINED "${written}": use one of ${containmentKinds.join(', ')}`;
  throw new NiiError('NII_CONFIG', detail);
}

function recordsConfig(env: Environment, dataDir: string): RecordsConfig {
  const { NII_DATABASE_URL: url, NII_DATABASE_OWNER_URL: ownerUrl, NII_DATABASE_ARCHIVE: archive } = env;
  if (url !== undefined && archive !== undefined)
    throw new NiiError(
      'NII_CONFIG',
      'NII_DATABASE_ARCHIVE is for the embedded database: with NII_DATABASE_URL, configure archiving on the server',
    );
  if (url !== undefined) return { kind: 'server', url, ownerUrl };
  if (ownerUrl !== undefined) required(env, 'NII_DATABASE_URL', 'NII_DATABASE_OWNER_URL');
  const archiveDays = count(env, 'NII_DATABASE_ARCHIVE_DAYS', 7, 1, 3650);
  return { kind: 'embedded', dir: `${dataDir}/postgres`, archive: absolute(archive), archiveDays };
}

/** Scheme, host and port of an address without anything else. */
function originOf(env: Environment, name: string): string | undefined {
  const text = env[name];
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  const isPlain = url !== null && ['https:', 'http:'].includes(url.protocol) && url.href === `${url.origin}/`;
  if (isPlain) return url.origin;
  throw new NiiError(
    'NII_CONFIG',
    `Invalid ${name} "${text}": use https://host or https://host:port, without a path`,
  );
}

function laneConfig(env: Environment): Config['lane'] {
  const url = env.NII_LANE_URL;
  if (url === undefined) return undefined;
  return { url, secrets: laneSecrets(required(env, 'NII_LANE_SECRET', 'NII_LANE_URL')) };
}

function syslogConfig(env: Environment): SyslogConfig | undefined {
  const { NII_SYSLOG_URL: url, NII_SYSLOG_CA: ca, NII_SYSLOG_CERT: cert, NII_SYSLOG_KEY: key } = env;
  for (const name of ['NII_SYSLOG_CA', 'NII_SYSLOG_CERT', 'NII_SYSLOG_KEY'])
    if (env[name] !== undefined) required(env, 'NII_SYSLOG_URL', name);
  if (url === undefined) return undefined;
  if (key !== undefined) required(env, 'NII_SYSLOG_CERT', 'NII_SYSLOG_KEY');
  if (cert !== undefined) required(env, 'NII_SYSLOG_KEY', 'NII_SYSLOG_CERT');
  const { protocol, host, port } = syslogAddress(url);
  if (protocol === 'syslog+tls:') return { host, port, tls: defined({ ca, cert, key }) };
  if (protocol === 'syslog+tcp:' && isLoopback(host)) return { host, port, tls: undefined };
  throw new NiiError(
    'NII_CONFIG',
    `Invalid NII_SYSLOG_URL "${url}": use syslog+tls://host:6514; syslog+tcp:// is only for 127.0.0.1`,
  );
}

function syslogAddress(url: string) {
  const match = /^(syslog\+(?:tls|tcp):)\/\/(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?\/?$/.exec(
    url,
  );
  const [, protocol = '', host = '', port = '6514'] = match ?? [];
  if (Number(port) > 65_535) return { protocol: '', host, port: 0 };
  return { protocol, host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function oidcConfig(env: Environment): OidcConfig | undefined {
  const issuer = env.NII_OIDC_ISSUER;
  const others = Object.keys(env).filter((name) => name.startsWith('NII_OIDC_') && env[name] !== undefined);
  const [one] = others;
  if (issuer === undefined) {
    if (one !== undefined) required(env, 'NII_OIDC_ISSUER', one);
    return undefined;
  }
  const publicUrl = required(env, 'NII_PUBLIC_URL', 'NII_OIDC_ISSUER');
  requireSafe('NII_OIDC_ISSUER', issuer);
  requireSafe('NII_PUBLIC_URL', publicUrl);
  const scopes = env.NII_OIDC_SCOPES ?? 'openid profile';
  if (!scopes.split(' ').includes('openid'))
    throw new NiiError(
      'NII_CONFIG',
      `Invalid NII_OIDC_SCOPES "${scopes}": it must include openid, for example "openid profile"`,
    );
  return {
    issuer,
    clientId: required(env, 'NII_OIDC_CLIENT_ID', 'NII_OIDC_ISSUER'),
    clientSecretFile: resolve(required(env, 'NII_OIDC_CLIENT_SECRET_FILE', 'NII_OIDC_ISSUER')),
    scopes,
    groupsClaim: env.NII_OIDC_GROUPS_CLAIM ?? 'groups',
    rolesFile: resolve(required(env, 'NII_OIDC_ROLES', 'NII_OIDC_ISSUER')),
  };
}

/** Passwords, codes and cookies go over it. */
function requireSafe(name: string, text: string): void {
  const url = URL.parse(text);
  if (url?.protocol === 'https:') return;
  if (url?.protocol === 'http:' && isLoopback(url.hostname)) return;
  throw new NiiError(
    'NII_CONFIG',
    `Invalid ${name} "${text}": sign-in needs https://; http:// is only for 127.0.0.1`,
  );
}

function limitsConfig(env: Environment): Limits {
  const large = Number.MAX_SAFE_INTEGER;
  const limit = (name: string, fallback: number) => count(env, `NII_LIMIT_${name}`, fallback, 1, large);
  return Object.freeze({
    ...defaultLimits,
    uploadBytes: limit('UPLOAD_BYTES', defaultLimits.uploadBytes),
    uploadFiles: limit('UPLOAD_FILES', defaultLimits.uploadFiles),
    archiveBytes: limit('ARCHIVE_BYTES', defaultLimits.archiveBytes),
    pixels: limit('PIXELS', defaultLimits.pixels),
    convertSeconds: limit('CONVERT_SECONDS', defaultLimits.convertSeconds),
    convertBytes: limit('CONVERT_BYTES', defaultLimits.convertBytes),
    inferSeconds: limit('INFER_SECONDS', defaultLimits.inferSeconds),
    inferBytes: limit('INFER_BYTES', defaultLimits.inferBytes),
    queuedJobs: limit('QUEUED_JOBS', defaultLimits.queuedJobs),
    lateFileSeconds: limit('LATE_FILE_SECONDS', defaultLimits.lateFileSeconds),
    openUploads: limit('OPEN_UPLOADS', defaultLimits.openUploads),
    resumableSeconds: limit('RESUMABLE_SECONDS', defaultLimits.resumableSeconds),
  });
}

function count(env: Environment, name: string, fallback: number, minimum: number, maximum: number): number {
  const text = env[name];
  if (text === undefined) return fallback;
  const value = Number(text);
  if (/^[0-9]+$/.test(text) && value >= minimum && value <= maximum) return value;
  throw new NiiError(
    'NII_CONFIG',
    `Invalid ${name} "${text}": use a whole number from ${minimum} to ${maximum}`,
  );
}

function optionalCount(env: Environment, name: string, minimum: number, maximum: number): number | undefined {
  return env[name] === undefined ? undefined : count(env, name, minimum, minimum, maximum);
}

function flag(env: Environment, name: string): boolean {
  const text = env[name] ?? '0';
  if (text === '1' || text === '0') return text === '1';
  throw new NiiError('NII_CONFIG', `Invalid ${name} "${text}": use 1 or 0`);
}

function required(env: Environment, name: string, because: string): string {
  const value = env[name];
  if (value !== undefined && value !== '') return value;
  throw new NiiError('NII_CONFIG', `Missing ${name}: ${because} needs it`);
}

function addressesOf(env: Environment, name: string): readonly string[] {
  const written = (env[name] ?? '').split(',').map((one) => one.trim());
  const addresses = written.filter((one) => one !== '');
  addressList(addresses, name);
  return addresses;
}

function absolute(path: string | undefined): string | undefined {
  return path === undefined ? undefined : resolve(path);
}

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { request as requestTls } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fakeScan } from '../../support/fake-scan.ts';
import { type Harness, openHarness } from '../../support/harness.ts';
import { readRepositoryFile } from '../../support/markdown-table.ts';
import { hasNginx, runNginx } from '../../support/nginx.ts';
import { freePort } from '../../support/running-service.ts';
import { leftOut } from '../../support/s3-server.ts';

/** deploy/nginx/nii-hub.conf with the real nginx: only addresses and certificates are others. */

const PUBLIC = 'https://scans.example';
const MiB = 1024 * 1024;
/** Addresses of loopback stand for machines. */
const PROXY = '127.0.0.1';
const CLIENT = '127.0.0.2';
const NEIGHBOUR = '127.0.0.3';
const REJECTED_KEYS = 5;
const forged = {
  'x-forwarded-for': '203.0.113.9',
  'x-forwarded-host': 'evil.example',
  'x-forwarded-proto': 'http',
  forwarded: 'for=203.0.113.9;host=evil.example;proto=http',
};

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  readonly from?: string;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

if (!hasNginx) leftOut('the example for nginx', 'apt-get install nginx');
else
  describe('the example for nginx', () => {
    let service: Harness;
    let direct: string;
    let folder: string;
    let tlsPort: number;
    let plainPort: number;
    let stop: () => Promise<void>;

    beforeAll(async () => {
      service = await openHarness({
        trustedProxies: [PROXY],
        rejectedKeysPerMinute: REJECTED_KEYS,
        deps: { publicUrl: PUBLIC },
      });
      direct = await service.listen();
      folder = mkdtempSync(join(tmpdir(), 'nii-tls-'));
      const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
      const subject = ['-subj', '/CN=scans.example', '-addext', 'subjectAltName=DNS:scans.example'];
      const made = ['req', '-x509', '-newkey', 'ed25519', '-nodes', '-days', '2', ...subject];
      execFileSync('openssl', [...made, '-keyout', key, '-out', cert], { stdio: 'ignore' });
      [tlsPort, plainPort] = [await freePort(), await freePort()];
      const changed = {
        '127.0.0.1:8080': new URL(direct).host,
        'listen 443 ssl': `listen 127.0.0.1:${tlsPort} ssl`,
        'listen 80': `listen 127.0.0.1:${plainPort}`,
        '/etc/nginx/tls/scans.example.pem': cert,
        '/etc/nginx/tls/scans.example.key': key,
      };
      const example = Object.entries(changed).reduce((text, [from, to]) => {
        expect(text).toContain(from);
        return text.replace(from, to);
      }, readRepositoryFile('deploy/nginx/nii-hub.conf'));
      stop = await runNginx(example, async () => (await behindTls('/v1/health/live')).status === 200);
    });
    afterAll(async () => {
      await stop?.();
      await service?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    function send(url: string, { method = 'GET', headers = {}, body, from = CLIENT }: Sent): Promise<Answer> {
      const isTls = url.startsWith('https:');
      const tls = { ca: readFileSync(join(folder, 'cert.pem')), servername: 'scans.example' };
      const options = { method, headers, localAddress: from, ...(isTls ? tls : {}) };
      return new Promise((resolve, reject) => {
        const sent = (isTls ? requestTls : request)(url, options, (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('error', reject);
          answer.on('end', () => {
            const text = Buffer.concat(chunks).toString();
            resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text });
          });
        });
        sent.on('error', reject);
        sent.end(body);
      });
    }

    const behindTls = (path: string, sent: Sent = {}) =>
      send(`https://127.0.0.1:${tlsPort}${path}`, {
        ...sent,
        headers: { host: 'scans.example', ...sent.headers },
      });
    const withKey = (role: 'scanner' | 'supervisor', headers: Readonly<Record<string, string>> = {}) => ({
      authorization: `Bearer ${service.token(role)}`,
      ...headers,
    });

    async function lastAddress(): Promise<unknown> {
      const place = { administration: 'utopia', site: '*' };
      const trail = await service.deps.records.transaction((tx) => tx.auditTrail(place, 500));
      return trail.rows.at(-1)?.actor.address;
    }

    test('takes a scan of two megabytes, where nginx by itself takes one', async () => {
      const form = new FormData();
      form.append(
        'files',
        new Blob([new Uint8Array(fakeScan({ seed: 1, filler: 'x'.repeat(2 * MiB) }))]),
        'large.fake',
      );
      const encoded = new Response(form);
      const headers = withKey('scanner', { 'content-type': encoded.headers.get('content-type') ?? '' });
      const body = new Uint8Array(await encoded.arrayBuffer());
      const answer = await behindTls('/v1/scans', { method: 'POST', headers, body });
      expect(answer.status, answer.text).toBe(202);
    });

    test('passes a resumable upload on in two parts, and says where it goes on', async () => {
      const scan = Buffer.from(fakeScan({ seed: 2, filler: 'y'.repeat(2 * MiB) }));
      const tus = { 'tus-resumable': '1.0.0' };
      const begun = await behindTls('/v1/uploads/tus', {
        method: 'POST',
        headers: withKey('scanner', {
          ...tus,
          'upload-length': String(scan.length),
          'upload-metadata': `filename ${Buffer.from('resumed.fake').toString('base64')}`,
        }),
      });
      expect(begun.status, begun.text).toBe(201);
      const { pathname, host } = new URL(begun.headers.location ?? '', PUBLIC);
      expect(host).toBe('scans.example');
      for (const [from, to] of [
        [0, MiB],
        [MiB, scan.length],
      ] as const) {
        const headers = withKey('scanner', {
          ...tus,
          'upload-offset': String(from),
          'content-type': 'application/offset+octet-stream',
        });
        const body = scan.subarray(from, to);
        const answer = await behindTls(pathname, { method: 'PATCH', headers, body });
        expect(answer.headers['upload-offset'], answer.text).toBe(String(to));
      }
    });

    test('answers the change feed that waits as soon as something happens', async () => {
      const now = await behindTls('/v1/changes', { headers: withKey('supervisor') });
      const { cursor } = JSON.parse(now.text);
      const waiting = behindTls(`/v1/changes?wait=30&cursor=${encodeURIComponent(cursor)}`, {
        headers: withKey('supervisor'),
      });
      await service.sendFake({ seed: 3 });
      const answer = await waiting;
      expect(answer.status, answer.text).toBe(200);
      expect(JSON.parse(answer.text).items.length).toBeGreaterThan(0);
    });

    test('gives links of the public URL, whatever a client says of the host', async () => {
      await service.sendFake({ seed: 4 });
      const headers = withKey('supervisor', { accept: 'application/dicom+json', ...forged });
      for (const host of ['scans.example', 'evil.example']) {
        const answer = await behindTls('/dicomweb/studies', { headers: { ...headers, host } });
        expect(answer.text).toContain(`"${PUBLIC}/dicomweb/studies/`);
        expect(answer.text).not.toContain('evil.example');
      }
    });

    test("has the client's address in the audit, whatever the client says of it", async () => {
      await behindTls('/v1/scans', { headers: withKey('supervisor') });
      expect(await lastAddress()).toBe(CLIENT);
      await behindTls('/v1/scans', { headers: withKey('supervisor', forged) });
      expect(await lastAddress()).toBe(CLIENT);
      await send(`${direct}/v1/scans`, { headers: withKey('supervisor', forged), from: NEIGHBOUR });
      expect(await lastAddress()).toBe(NEIGHBOUR);
    });

    test('limits wrong keys by the true address, and no other client with it', async () => {
      const guess = (i: number, from: string) =>
        behindTls('/v1/scans', {
          headers: { authorization: `Bearer wrong-${i}`, ...forged, 'x-forwarded-for': `203.0.113.${i}` },
          from,
        });
      const statuses: number[] = [];
      for (let i = 0; i <= REJECTED_KEYS; i += 1) statuses.push((await guess(i, CLIENT)).status);
      expect(statuses).toEqual([...Array.from({ length: REJECTED_KEYS }, () => 401), 429]);
      expect((await guess(0, NEIGHBOUR)).status).toBe(401);
    });

    test('keeps metrics inside, and sends plain HTTP to TLS', async () => {
      expect((await behindTls('/metrics', { headers: withKey('supervisor') })).status).toBe(404);
      const plain = await send(`http://127.0.0.1:${plainPort}/v1/scans`, {
        headers: { host: 'scans.example' },
      });
      expect(plain).toMatchObject({ status: 308, headers: { location: `${PUBLIC}/v1/scans` } });
    });
  });

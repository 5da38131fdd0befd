import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import type { Role } from '../../src/core/access.ts';
import { issueKey, revokeKey } from '../../src/features/persons/keys.ts';
import { openService, type Service } from '../../src/wiring.ts';
import { eventually } from '../support/eventually.ts';
import { fakeScan } from '../support/fake-scan.ts';
import { ANSWERED_BY, hasNginx, type OneAddress, startNginx } from '../support/nginx.ts';
import { endServer } from '../support/postgres/server-processes.ts';
import { postgresFolder } from '../support/postgres-server.ts';
import { type RunningService, runService } from '../support/running-service.ts';
import { leftOut } from '../support/s3-server.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
const TUS = '/v1/uploads/tus';
const PATIENCE_SECONDS = 120;
const GIVE_UP_MS = 1_000;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const host = (address: string) => new URL(address).host;

/** A scan of so many bytes; what fills it up carries nothing. */
function largeScan(seed: number, bytes: number): Buffer {
  const filled = (filler: number) => fakeScan({ seed, filler: 'x'.repeat(filler) });
  return filled(bytes - filled(0).length);
}

interface SentScan {
  readonly revisionHref: string;
  readonly result: string;
}

if (!hasNginx) leftOut('two processes of the API behind one address', 'apt-get install nginx');
else
  describe('two processes of the API behind one address', { timeout: 300_000 }, () => {
    let data: string;
    let here: Service;
    let services: readonly RunningService[];
    let proxy: OneAddress;
    const tokens = new Map<Role, string>();

    beforeAll(async () => {
      data = await postgresFolder();
      const settings = { NII_DATA: data, NII_ENABLE_FAKE: '1' };
      here = await openService(readConfig(settings), { info: () => {}, warn: () => {}, error: () => {} });
      for (const role of ['scanner', 'supervisor', 'auditor'] as const)
        tokens.set(role, (await newKey(role)).token);
      services = await Promise.all([runService(settings), runService({ ...settings, NII_WORKERS: '0' })]);
      for (const one of services)
        await eventually('it answers', PATIENCE_SECONDS, () => isReady(one.address));
      proxy = await startNginx(services.map(({ address }) => address));
    }, PATIENCE_SECONDS * 1000);

    /** A test may have killed one, and the next may be any. nginx passes over one that failed for ten seconds. */
    beforeEach(async () => {
      for (const one of services)
        await eventually('it answers again', PATIENCE_SECONDS, () => isReady(one.address));
      await eventually('they take turns again', PATIENCE_SECONDS, async () => {
        const answers = await Promise.all(
          services.map(() => ask('auditor', `${proxy.address}/v1/health/live`)),
        );
        return new Set(answers.map(({ headers }) => headers.get(ANSWERED_BY))).size === services.length;
      });
    });

    afterAll(async () => {
      await proxy?.stop();
      await Promise.all(services?.map((one) => one.stop()) ?? []);
      await here?.close();
      await endServer(join(data, 'postgres'));
      await rm(data, { recursive: true, force: true, maxRetries: 5 });
    });

    const newKey = (role: Role) =>
      issueKey(here.deps, { roles: [role], administration: 'utopia', site: 'harbour', name: role });

    /** By a connection that ends with the answer: who is connected to a process is what a test goes by. */
    async function isReady(address: string): Promise<boolean> {
      const asked = request(`${address}/v1/health/ready`, { agent: false, timeout: 5_000 });
      asked.end();
      const [answer] = await once(asked, 'response');
      answer.resume();
      await once(answer, 'close');
      return answer.statusCode === 200;
    }

    async function ask(role: Role, url: string, init: RequestInit = {}) {
      const headers = { authorization: `Bearer ${tokens.get(role)}`, ...init.headers };
      const answer = await fetch(url, { ...init, headers });
      const text = await answer.text();
      const isJson = answer.headers.get('content-type')?.includes('json') === true;
      return { status: answer.status, body: isJson ? JSON.parse(text) : text, headers: answer.headers };
    }

    const post = (role: Role, url: string, body?: object, headers: Record<string, string> = {}) =>
      ask(role, url, {
        method: 'POST',
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });

    /* ---- Resumable uploads through the proxy ------------------------------------------------------------- */

    async function create(bytes: number, metadata: Record<string, string>): Promise<string> {
      const encoded = Object.entries(metadata).map(
        ([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`,
      );
      const { status, headers } = await post('scanner', `${proxy.address}${TUS}`, undefined, {
        'tus-resumable': '1.0.0',
        'upload-length': String(bytes),
        'upload-metadata': encoded.join(','),
      });
      expect(status).toBe(201);
      return new URL(headers.get('location') ?? '', proxy.address).href;
    }

    const patchHeaders = (offset: number) => ({
      'tus-resumable': '1.0.0',
      'upload-offset': String(offset),
      'content-type': 'application/offset+octet-stream',
    });

    /** @returns who took it */
    async function patch(url: string, bytes: Buffer, from: number, to: number): Promise<string> {
      const answer = await ask('scanner', url, {
        method: 'PATCH',
        headers: patchHeaders(from),
        body: new Uint8Array(bytes.subarray(from, to)),
      });
      expect(answer).toMatchObject({ status: 204 });
      expect(answer.headers.get('upload-offset')).toBe(String(to));
      return answer.headers.get(ANSWERED_BY) ?? '';
    }

    /** The proxy may find nobody for a moment after a kill; a client asks again. */
    async function head(url: string): Promise<{ readonly offset: number; readonly by: string }> {
      const init = { method: 'HEAD', headers: { 'tus-resumable': '1.0.0' } };
      let answer = await ask('scanner', url, init);
      await eventually('somebody answers', PATIENCE_SECONDS, async () => {
        if (answer.status === 502) answer = await ask('scanner', url, init);
        return answer.status === 200;
      });
      const { headers } = answer;
      return { offset: Number(headers.get('upload-offset')), by: headers.get(ANSWERED_BY) ?? '' };
    }

    const chunks = () => readdirSync(join(data, 'objects', 'uploads'));

    /**
     * Sends `sent` bytes of a PATCH that says it has more, kills the process that takes it once pieces of it are stored,
     * and sees the request fail. @returns the address of the process that was killed
     */
    async function patchIntoKill(url: string, bytes: Buffer, from: number, sent: number): Promise<string> {
      const before = chunks().length;
      const patched = request(url, {
        method: 'PATCH',
        headers: {
          ...patchHeaders(from),
          authorization: `Bearer ${tokens.get('scanner')}`,
          'content-length': bytes.length - from,
        },
      });
      const ended = new Promise<number>((resolve) => {
        patched.once('response', (answer) => {
          answer.resume();
          resolve(answer.statusCode ?? 0);
        });
        patched.once('error', () => resolve(0));
      });
      patched.write(bytes.subarray(from, from + sent));
      await eventually('pieces are stored', PATIENCE_SECONDS, () => chunks().length >= before + 2);
      const [taker] = services.filter(({ address }) => isConnectedTo(address));
      if (taker === undefined) throw new Error('nobody takes the request');
      process.kill(taker.apiPid() ?? 0, 'SIGKILL');
      // where all was passed on already, the proxy sees for a minute no reason to tell
      patched.setTimeout(GIVE_UP_MS, () => patched.destroy(new Error('given up')));
      expect([0, 502]).toContain(await ended);
      patched.destroy();
      return host(taker.address);
    }

    async function scansOf(url: string): Promise<readonly SentScan[]> {
      let scans: readonly SentScan[] = [];
      await eventually('the upload is accepted', PATIENCE_SECONDS, async () => {
        const { body } = await ask('scanner', url);
        scans = body.scans ?? [];
        return body.state === 'accepted';
      });
      return scans;
    }

    /** Through the proxy, by whichever process. */
    async function originals(revisionHref: string): Promise<readonly Buffer[]> {
      const { body } = await ask('supervisor', `${proxy.address}${revisionHref}/originals`);
      return Promise.all(
        body.items.map(async ({ sha256: hash }: { readonly sha256: string }) => {
          const answer = await fetch(`${proxy.address}${revisionHref}/originals/${hash}`, {
            headers: { authorization: `Bearer ${tokens.get('supervisor')}` },
          });
          return Buffer.from(await answer.arrayBuffer());
        }),
      );
    }

    test('each take PATCHes of one upload in turn', async () => {
      const bytes = largeScan(1, 400 * KiB);
      const url = await create(bytes.length, { filename: 'turns.fake', sha256: sha256(bytes) });
      const takers: string[] = [];
      for (let from = 0; from < bytes.length; from += 64 * KiB)
        takers.push(await patch(url, bytes, from, Math.min(from + 64 * KiB, bytes.length)));
      expect(new Set(takers)).toEqual(new Set(services.map(({ address }) => host(address))));
      const [scan] = await scansOf(url);
      const [original] = await originals(scan?.revisionHref ?? '');
      expect(original?.equals(bytes)).toBe(true);
    });

    test('one goes on with the upload of the other, which is killed in the middle of a PATCH', async () => {
      const bytes = largeScan(2, 30 * MiB);
      const url = await create(bytes.length, { filename: 'killed.fake', sha256: sha256(bytes) });
      await patch(url, bytes, 0, MiB);
      const killed = await patchIntoKill(url, bytes, MiB, 20 * MiB);
      const { offset, by } = await head(url);
      expect(by.split(', ').at(-1)).not.toBe(killed);
      // pieces of 8 MiB: at most the one that arrives and the one that is being stored are lost
      expect(offset).toBeGreaterThanOrEqual(1 * MiB + 8 * MiB);
      expect(offset).toBeLessThanOrEqual(21 * MiB);
      await patch(url, bytes, offset, bytes.length);
      const [scan] = await scansOf(url);
      expect(scan?.result).toBe('new-scan');
      const [original] = await originals(scan?.revisionHref ?? '');
      expect(original?.equals(bytes)).toBe(true);
      await bothAreBack();
    });

    test('complete a set whose files went to both, although one was killed in the middle of a PATCH', async () => {
      const files = [largeScan(3, 300 * KiB), largeScan(4, 30 * MiB), largeScan(5, 200 * KiB)];
      const urls: string[] = [];
      for (const [i, bytes] of files.entries())
        urls.push(
          await create(bytes.length, { filename: `${i}.fake`, set: 'train', files: String(files.length) }),
        );
      const [first = '', large = '', last = ''] = urls;
      const [small, big, rest] = files as [Buffer, Buffer, Buffer];
      await patch(first, small, 0, small.length);
      await patchIntoKill(large, big, 0, 20 * MiB);
      await patch(last, rest, 0, rest.length);
      expect((await ask('scanner', first)).body).toMatchObject({ state: 'waiting', set: { whole: 2 } });
      const { offset } = await head(large);
      await patch(large, big, offset, big.length);
      const scans = await scansOf(large);
      for (const url of [first, last]) expect(await scansOf(url)).toEqual(scans);
      const stored = (await Promise.all(scans.map((scan) => originals(scan.revisionHref)))).flat();
      expect(new Set(stored.map(sha256))).toEqual(new Set(files.map(sha256)));
      expect(chunks()).toEqual([]);
      await bothAreBack();
    });

    async function bothAreBack(): Promise<void> {
      for (const { address } of services)
        await eventually('it is back', PATIENCE_SECONDS, () => isReady(address));
    }

    /* ---- Other routes, each step at the other process ----------------------------------------------------- */

    test('show and change the same scans and cases', async () => {
      const [a = '', b = ''] = services.map(({ address }) => address);
      const { body: feed } = await ask('supervisor', `${a}/v1/changes?limit=200`);
      const sent = await ask('scanner', `${a}/v1/scans?name=both.fake`, {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream' },
        body: new Uint8Array(fakeScan({ seed: 6 })),
      });
      expect(sent.status).toBe(202);
      const [{ scanId }] = sent.body.scans;
      expect((await ask('supervisor', `${b}/v1/scans/${scanId}`)).status).toBe(200);
      // a cursor of one is good at the other
      await eventually('the feed of the other shows it', PATIENCE_SECONDS, async () => {
        const { body } = await ask('supervisor', `${b}/v1/changes?cursor=${feed.cursor}`);
        return body.items.some((item: { subject: string }) => item.subject === scanId);
      });
      let caseId = '';
      await eventually('the case is in the queue of the other', PATIENCE_SECONDS, async () => {
        const { body } = await ask('supervisor', `${b}/v1/queue`);
        caseId = body.items.find((item: { scanId: string }) => item.scanId === scanId)?.id ?? '';
        return caseId !== '';
      });
      const key = { 'idempotency-key': 'claim-both' };
      const claimed = await post('supervisor', `${b}/v1/cases/${caseId}/claim`, undefined, key);
      expect(claimed).toMatchObject({ status: 200, body: { state: 'claimed' } });
      const again = await post('supervisor', `${a}/v1/cases/${caseId}/claim`, undefined, key);
      expect(again.headers.get('idempotency-replayed')).toBe('true');
      const verdict = { kind: 'normal', reason: 'nothing-unusual' };
      const stale = { 'if-match': '"1"' };
      expect((await post('supervisor', `${a}/v1/cases/${caseId}/verdict`, verdict, stale)).status).toBe(412);
      const current = { 'if-match': claimed.headers.get('etag') ?? '' };
      expect((await post('supervisor', `${a}/v1/cases/${caseId}/verdict`, verdict, current)).status).toBe(
        200,
      );
      const { body: decided } = await ask('supervisor', `${b}/v1/cases/${caseId}`);
      expect(decided.state).not.toBe('claimed');
      const acts = (await auditOf(a, b)).filter(({ subject }) => subject === caseId);
      expect(acts.length).toBeGreaterThanOrEqual(2);
    });

    /** Every page of the audit, from one process and the other in turn. */
    async function auditOf(
      ...addresses: readonly string[]
    ): Promise<readonly { readonly subject: string }[]> {
      const rows: { readonly subject: string }[] = [];
      let page: string | undefined = '';
      for (let turn = 0; page !== undefined; turn += 1) {
        const { body } = await ask(
          'auditor',
          `${addresses[turn % addresses.length]}/v1/audit?limit=200${page}`,
        );
        rows.push(...body.items);
        page = body.next === undefined ? undefined : `&cursor=${body.next}`;
      }
      return rows;
    }

    test('take a new key at once, and reject a revoked one once it is no longer remembered', async () => {
      const { token, key } = await newKey('supervisor');
      const statusAt = async (address: string) =>
        (await fetch(`${address}/v1/scans`, { headers: { authorization: `Bearer ${token}` } })).status;
      const statuses = () => Promise.all(services.map(({ address }) => statusAt(address)));
      expect(await statuses()).toEqual([200, 200]);
      await revokeKey(here.deps, key.keyId);
      await eventually('both reject it', 15, async () =>
        (await statuses()).every((status) => status === 401),
      );
    });
  });

/** Whether a connection to this address is open now, from whoever. */
function isConnectedTo(address: string): boolean {
  const ESTABLISHED = '01';
  const port = Number(new URL(address).port).toString(16).toUpperCase().padStart(4, '0');
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .some(([, , remote, state]) => remote === `0100007F:${port}` && state === ESTABLISHED);
}

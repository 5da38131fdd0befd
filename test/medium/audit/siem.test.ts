import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../../src/adapters/postgres/database.ts';
import { openRecords } from '../../../src/adapters/postgres/records.ts';
import { openSyslog } from '../../../src/adapters/syslog-link.ts';
import { keepAudit } from '../../../src/audit/keep-audit.ts';
import { AuditStream } from '../../../src/audit/siem/stream.ts';
import type { Records } from '../../../src/core/ports/records.ts';
import { writeAudit } from '../../support/audit/entries.ts';
import { hasRsyslog, type Received, Rsyslog } from '../../support/audit/rsyslog.ts';
import { scope } from '../../support/contract/sample-records.ts';
import { eventually } from '../../support/eventually.ts';
import { freshDatabase } from '../../support/postgres/fresh-database.ts';
import { leftOut } from '../../support/s3-server.ts';

if (!hasRsyslog) leftOut('the audit in a SIEM', 'apt-get install rsyslog rsyslog-gnutls openssl');

interface Said {
  readonly fields: object;
  readonly event: string;
}

describe.runIf(hasRsyslog)('rsyslog with TLS', () => {
  let receiver: Rsyslog;
  let records: Records;
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  beforeAll(async () => {
    receiver = await Rsyslog.start();
    database = await freshDatabase();
    records = openRecords(await openDatabase(database.url));
  });
  afterAll(async () => {
    await records?.close();
    await database?.drop();
    await receiver?.stop();
  });

  /** A process that keeps the audit and streams it, until the test is over. */
  async function stream({ ca = 'ca.pem', host = '127.0.0.1', withKey = true } = {}) {
    const said: Said[] = [];
    const say = (fields: object, event: string) => said.push({ fields, event });
    const log = { info: say, warn: say, error: say };
    const read = (name: string) => readFile(receiver.file(name), 'utf8');
    const own = withKey ? { cert: await read('client.pem'), key: await read('client.key') } : {};
    const siem = openSyslog({ host, port: receiver.port, tls: { ca: await read(ca), ...own } });
    const clock = { now: () => new Date() };
    const stop = new AbortController();
    const ended = keepAudit(
      { records, witnesses: [], log },
      stop.signal,
      new AuditStream({ records, siem, clock, log }),
      0.1,
    );
    onTestFinished(async () => {
      stop.abort();
      await ended;
    });
    return said;
  }
  const subjects = (received: readonly Received[]) =>
    new Set(received.map(({ data }) => / subject="([^"]*)"/.exec(data)?.[1]).filter(Boolean));
  const newest = () => records.transaction((tx) => tx.auditSeals(0, 10_000)).then((seals) => seals.at(-1));

  test('parses every field of a row and of a seal as it was meant', async () => {
    await stream();
    const actor = { keyId: 'k9', role: 'analyst', ...scope, address: '192.0.2.9' } as const;
    const subject = 'x"y\\z] \u00fc\u6f22\nend';
    await records.transaction((tx) =>
      tx.audit({ actor, action: 'rejected 403', subject, detail: { route: '/v1/"scans"/[id]' } }),
    );
    await eventually('it arrives', 30, async () =>
      (await receiver.received()).some(({ kind }) => kind === 'rejected-403'),
    );
    const row = (await receiver.received()).find(({ kind }) => kind === 'rejected-403');
    expect(row).toMatchObject({
      priority: '108',
      facility: '13',
      severity: 'warning',
      version: '1',
      application: 'nii-hub',
      process: '-',
      text: '\u{feff}rejected 403 x"y\\z] \u00fc\u6f22<U+000A>end',
    });
    expect(row?.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|\+00:00)$/);
    expect(row?.data).toContain('[niiAudit@32473 seq="');
    expect(row?.data).toContain('key="k9" role="analyst" address="192.0.2.9"');
    expect(row?.data).toContain('subject="x\\"y\\\\z\\] \u00fc\u6f22<U+000A>end"');
    expect(row?.data).toContain('detail="{\\"route\\":\\"/v1/\\\\\\"scans\\\\\\"/[id\\]\\"}"');
    await eventually('its seal arrives', 30, async () => {
      const seal = await newest();
      const texts = (await receiver.received()).map(({ text }) => text);
      return seal !== undefined && texts.includes(`\u{feff}audit seal ${seal.number} ${seal.sha256}`);
    });
  });

  test('misses nothing when it is killed and comes back while rows are written', async () => {
    const said = await stream({ host: 'localhost' });
    const names = Array.from({ length: 300 }, (_, i) => `killed ${i}`);
    const writing = (async () => {
      for (let from = 0; from < names.length; from += 10) {
        await writeAudit(records, names.slice(from, from + 10));
        if (from % 100 === 50) await receiver.kill();
        if (from % 100 === 80) await receiver.run();
      }
    })();
    await writing;
    await eventually('every row has arrived', 60, async () => {
      const arrived = subjects(await receiver.received());
      return names.every((name) => arrived.has(name));
    });
    expect(said.filter(({ event }) => event.includes('is not reaching')).length).toBeGreaterThan(0);
    await eventually('that it is reached again is said', 30, () =>
      said.some(({ event }) => event.includes('reachable again')),
    );
  }, 120_000);

  test('gets nothing where its certificate is of another authority, and the log says why, once', async () => {
    const said = await stream({ ca: 'other-ca.pem' });
    await writeAudit(records, ['for nobody']);
    await eventually('the log says so', 30, () => said.length > 0);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatchObject({
      event: 'the audit log is not reaching the SIEM; its rows will be sent later',
      fields: { code: 'NII_SIEM_UNREACHABLE', detail: expect.stringMatching(/certificate/) },
    });
    expect(subjects(await receiver.received()).has('for nobody')).toBe(false);
    const backlog = await records.transaction((tx) => tx.backlog());
    expect(backlog.streamBehindSeconds).toBeGreaterThan(0);
  });

  test('takes nothing from who has no certificate, and the log says so', async () => {
    const said = await stream({ withKey: false });
    await writeAudit(records, ['without a certificate']);
    await eventually('the log says so', 30, () => said.length > 0);
    expect(said[0]).toMatchObject({ fields: { code: 'NII_SIEM_UNREACHABLE' } });
    expect(subjects(await receiver.received()).has('without a certificate')).toBe(false);
  });
});

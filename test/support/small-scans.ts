import { readConfig } from '../../src/config.ts';
import type { Log } from '../../src/core/ports/process.ts';
import type { Records } from '../../src/core/ports/records.ts';
import { issueKey } from '../../src/features/persons/keys.ts';
import { openService } from '../../src/wiring.ts';
import { pause } from './eventually.ts';
import type { RunningService } from './running-service.ts';

const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };

const sender = { administration: 'utopia', site: 'harbour' };

/** A small NumPy scan of its own content, with the sidecar that makes it analysable. */
function scanForm(serial: number): FormData {
  const rows = 40;
  const columns = 60;
  const header = `${`{'descr': '<u2', 'fortran_order': False, 'shape': (${rows}, ${columns}, 2), }`.padEnd(117)}\n`;
  const samples = new Uint16Array(rows * columns * 2).map(
    (_, i) => 40_000 + ((i * 31 + serial * 977) % 20_000),
  );
  const npy = Buffer.concat([
    Buffer.from('\x93NUMPY\x01\x00', 'latin1'),
    Buffer.from([118, 0]),
    Buffer.from(header, 'latin1'),
    Buffer.from(samples.buffer),
  ]);
  const channel = (id: string) => ({
    id,
    kind: 'transmission',
    energy: id,
    openBeam: 60_000,
    invalidValue: 0,
  });
  const sidecar = {
    niiSidecar: '1.0',
    channels: [channel('high'), channel('low')],
    pixelPitchMm: { row: 11, column: 11 },
  };
  const form = new FormData();
  form.append('file', new Blob([npy]), `scan-${serial}.npy`);
  form.append('file', new Blob([JSON.stringify(sidecar)]), `scan-${serial}.json`);
  return form;
}

export interface Uploads {
  /** The id under which each scan was acknowledged, by its serial number. */
  readonly acknowledged: Map<number, string>;
  attempts: number;
}

/** Sends one scan until it is acknowledged, as a scanner would, through every failure. */
export async function sendSmallScan(
  service: RunningService,
  token: string,
  serial: number,
  uploads: Uploads,
): Promise<void> {
  for (;;) {
    uploads.attempts += 1;
    try {
      const response = await fetch(`${service.address}/v1/scans`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: scanForm(serial),
        signal: AbortSignal.timeout(20_000),
      });
      const answer = (await response.json()) as { scans?: readonly { scanId: string }[] };
      const scanId = answer.scans?.[0]?.scanId;
      if (response.status === 202 && scanId !== undefined) {
        uploads.acknowledged.set(serial, scanId);
        return;
      }
    } catch {
      // the connection broke: the client sends the same again
    }
    await pause(100, 'pace');
  }
}

/** Sends scans with two clients until `stop` is called, which waits for what is on its way. */
export function sendForEver(service: RunningService, token: string, uploads: Uploads) {
  let serial = 0;
  let isStopped = false;
  const client = async () => {
    while (!isStopped) {
      await sendSmallScan(service, token, serial++, uploads);
      await pause(250, 'pace');
    }
  };
  const clients = [client(), client()];
  return {
    /** Serial numbers that were begun. */
    begun: () => serial,
    stop: async () => {
      isStopped = true;
      await Promise.all(clients);
    },
  };
}

export async function issueScannerKey(settings: Readonly<Record<string, string>>): Promise<string> {
  const service = await openService(readConfig(settings), silent);
  try {
    return (await issueKey(service.deps, { roles: ['scanner'], ...sender, name: 'scanner of the test' }))
      .token;
  } finally {
    await service.close();
  }
}

/** Scans of the sender's administration. */
export async function everyScan(records: Records) {
  return records.transaction(async (tx) => {
    const rows = [];
    for (let cursor: string | undefined; ; ) {
      const page = await tx.scans({ administration: sender.administration, site: '*' }, {}, 200, cursor);
      rows.push(...page.rows);
      if (page.next === undefined) return rows;
      cursor = page.next;
    }
  });
}

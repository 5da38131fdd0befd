import { useEffect, useState } from 'react';
import { api, bodyOf, type Case, type ScanRecord } from '../../api/client.ts';
import { Dealt } from './dealt.ts';

interface Begun {
  readonly scanId: string;
  readonly revision: string;
  readonly record: Promise<ScanRecord | undefined>;
}

/** The case that the page opens with, as it was dealt. */
export const dealt = new Dealt<Case>();

let begun: Begun | undefined;

async function askRecord(scanId: string, revision: string): Promise<ScanRecord | undefined> {
  const path = { scanId, n: revision };
  const found = bodyOf(await api.GET('/v1/scans/{scanId}/revisions/{n}/scan.json', { params: { path } }));
  return typeof found === 'object' ? found : undefined;
}

/** Asks for the record of a case that was just dealt, while the page of the case opens. */
export function beginRecord({ scanId, claim, revision }: Case): void {
  const wanted = String(claim?.revision ?? revision);
  const record = askRecord(scanId, wanted).catch(() => undefined);
  begun = { scanId, revision: wanted, record };
}

/** What was begun is used once: later it may have failed, or be of a session that ended. */
function takeBegun(scanId: string, revision: string): Promise<ScanRecord | undefined> | undefined {
  const found = begun?.scanId === scanId && begun.revision === revision ? begun.record : undefined;
  begun = undefined;
  return found;
}

/** The record of a revision of a scan; undefined until it has come, and where it cannot be read. */
export function useRecord(
  scanId: string | undefined,
  revision: number | 'latest' | undefined,
): ScanRecord | undefined {
  const [record, setRecord] = useState<ScanRecord>();
  useEffect(() => {
    if (scanId === undefined || revision === undefined) return undefined;
    let isOver = false;
    const ask = async () => {
      const wanted = String(revision);
      const found = (await takeBegun(scanId, wanted)) ?? (await askRecord(scanId, wanted));
      if (!isOver && found !== undefined) setRecord(found);
    };
    ask().catch(() => undefined);
    return () => {
      isOver = true;
    };
  }, [scanId, revision]);
  return record;
}

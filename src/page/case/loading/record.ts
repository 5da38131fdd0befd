import { useEffect, useState } from 'react';
import { api, bodyOf, type Case, type ScanRecord, type Versioned } from '../../api/client.ts';
import { beginCopy } from './copy.ts';
import { HandOver } from './hand-over.ts';

/** The case that the page opens with, as it was dealt. */
export const dealt = new HandOver<Versioned<Case>>();

const begun = new HandOver<Promise<ScanRecord | undefined>>();
const nameOf = (scanId: string, revision: string) => `${scanId} ${revision}`;

async function askRecord(scanId: string, revision: string): Promise<ScanRecord | undefined> {
  const path = { scanId, n: revision };
  const found = bodyOf(await api.GET('/v1/scans/{scanId}/revisions/{n}/scan.json', { params: { path } }));
  return typeof found === 'object' ? found : undefined;
}

/** A page that is laid out asks for nothing meanwhile; on a quick line the record is there before. */
const QUICK_RECORD_MS = 80;

/**
 * Asks for the record of a case that was just dealt, and for its first copy, while the page of the case opens. Ends as
 * soon as the copy is asked for, and soon in any case.
 */
export async function beginRecord({ scanId, claim, revision }: Case): Promise<void> {
  const wanted = String(claim?.revision ?? revision);
  const record = askRecord(scanId, wanted).catch(() => undefined);
  const copy = record.then((found) => found && beginCopy({ scanId, revision: Number(wanted) }, found));
  begun.keep(nameOf(scanId, wanted), record);
  await Promise.race([copy, new Promise((resolve) => window.setTimeout(resolve, QUICK_RECORD_MS))]);
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
      const found = (await begun.take(nameOf(scanId, wanted))) ?? (await askRecord(scanId, wanted));
      if (!isOver && found !== undefined) setRecord(found);
    };
    ask().catch(() => undefined);
    return () => {
      isOver = true;
    };
  }, [scanId, revision]);
  return record;
}

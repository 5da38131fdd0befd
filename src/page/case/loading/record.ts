import { useEffect, useState } from 'react';
import { api, bodyOf, type ScanRecord } from '../../api/client.ts';

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
      const path = { scanId, n: String(revision) };
      const found = bodyOf(await api.GET('/v1/scans/{scanId}/revisions/{n}/scan.json', { params: { path } }));
      if (!isOver && typeof found === 'object') setRecord(found);
    };
    ask().catch(() => undefined);
    return () => {
      isOver = true;
    };
  }, [scanId, revision]);
  return record;
}

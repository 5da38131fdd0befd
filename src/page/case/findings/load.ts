import { useEffect, useState } from 'react';
import { api, bodyOf, type Emptiness, type VendorReport } from '../../api/client.ts';
import type { NamedFinding } from './merge.ts';

/** A model that should have looked and did not. */
export interface MissingAnalysis {
  readonly model: string;
  readonly reason: string;
}

/** What an algorithm of the vendor said; scored apart from our models. */
export interface VendorFindings {
  readonly name: string;
  readonly decision: VendorReport['decision'];
  readonly verdict?: string | undefined;
  readonly findings: VendorReport['findings'];
}

export interface FindingsOfScan {
  readonly findings: readonly NamedFinding[];
  readonly vendors: readonly VendorFindings[];
  /** Beside models that looked; where none did, the reasons of the case say so. */
  readonly silent: readonly MissingAnalysis[];
  /** Of the check of holds, which takes no model. */
  readonly emptiness: Emptiness | undefined;
}

/** What was found in a revision; undefined until that is known. */
export function useFindings(
  scanId: string | undefined,
  revision: number | undefined,
): FindingsOfScan | undefined {
  const [found, setFound] = useState<FindingsOfScan>();
  useEffect(() => {
    if (scanId === undefined || revision === undefined) return undefined;
    let isOver = false;
    const ask = async () => {
      const path = { scanId, n: String(revision) };
      const { items, vendorReports = [] } = bodyOf(
        await api.GET('/v1/scans/{scanId}/revisions/{n}/findings', { params: { path } }),
      );
      const named = items.map((one) => ({ ...one, model: `${one.model.id} ${one.model.version}` }));
      const findings = named.flatMap(({ model, findings }) =>
        findings.map((finding) => ({ finding, model })),
      );
      const hasLooked = named.some(({ status }) => status === 'analysed');
      const silent = named.flatMap(({ model, status, reason = '' }) =>
        hasLooked && status === 'not-analysed' ? [{ model, reason }] : [],
      );
      const emptiness = items.find((one) => one.emptiness !== undefined)?.emptiness;
      if (!isOver) setFound({ findings, silent, vendors: vendorReports.map(toVendorFindings), emptiness });
    };
    ask().catch(() => undefined);
    return () => {
      isOver = true;
    };
  }, [scanId, revision]);
  return found;
}

/** Two reports of one algorithm are told apart by their numbers. */
function toVendorFindings(report: VendorReport, _: number, all: readonly VendorReport[]): VendorFindings {
  const { algorithm, number, decision, verdict, findings } = report;
  const isAlone = all.filter((one) => one.algorithm === algorithm).length === 1;
  return { name: isAlone ? algorithm : `${algorithm} #${number}`, decision, verdict, findings };
}

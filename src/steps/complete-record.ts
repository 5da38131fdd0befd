import { defined } from '../core/defined.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Transactions } from '../core/ports/transactions.ts';
import { isNoMark, type SiteTerms, unsetSite } from '../core/rules/site.ts';
import { NiiScan, type Warning } from '../core/scan/scan.ts';
import type { ScannerFacts } from '../core/scan/scanner-facts.ts';
import type { RevisionRow } from '../core/scan/stored-scan.ts';
import { scannerOf } from '../core/scanner/scanner.ts';
import type { CodeLists } from '../core/trade/codes.ts';
import { codesIn } from '../core/trade/codes-in.ts';
import { type WarningCode, warningTable } from '../core/warnings.ts';
import { siteInForce } from '../stored/rules.ts';

export interface CompleteRecordDeps {
  readonly records: Transactions<Tx<'scanById' | 'documentInForce' | 'scanner'>>;
  readonly codeLists: CodeLists;
}

const WARNINGS_CEILING = 1024;

/**
 * The record with what its files leave open: what was sent beside them, then what is said of the site and of the scanner.
 * A code that the lists of the administration do not hold is a warning.
 */
export async function completeRecord(
  { records, codeLists }: CompleteRecordDeps,
  scan: NiiScan,
  row: RevisionRow,
): Promise<NiiScan> {
  return records.transaction(async (tx) => {
    const found = await tx.scanById(row.scanId);
    const site = found === undefined ? undefined : (await siteInForce(tx, found))?.terms;
    const sent = withSender(scan, row, site);
    const scanner =
      found === undefined ? undefined : await tx.scanner(found, scannerOf({ ...row, scan: sent }));
    const said = defined({ site, facts: scanner?.register.facts });
    return withKnownCodes(withCircumstances(sent, said), codeLists);
  });
}

/** What was sent beside the files fills what the files leave open; a visit also replaces what stands for one there. */
function withSender(scan: NiiScan, { meta }: RevisionRow, site: SiteTerms = unsetSite): NiiScan {
  const { scanner, lane, visit, purpose } = meta;
  const { visit: written, ...rest } = scan.source;
  const isWritten = written !== undefined && (visit === undefined || !isNoMark(site, written));
  const source = {
    ...defined({ scannerId: scanner, lane, visit: isWritten ? written : visit }),
    ...rest,
  };
  const stated = purpose === undefined ? scan.purpose : (purpose as NiiScan['purpose']);
  return { ...scan, source, purpose: stated };
}

interface Said {
  readonly site?: SiteTerms;
  readonly facts?: ScannerFacts;
}

/** A file that states a place was made there; the site then adds nothing that could contradict it. */
function withCircumstances(scan: NiiScan, { site, facts }: Said): NiiScan {
  const { place = placeOf(site) } = scan.source;
  const scanner = { ...facts, ...scan.source.scanner };
  const found = defined({ place, scanner: Object.keys(scanner).length === 0 ? undefined : scanner });
  return { ...scan, source: { ...scan.source, ...found } };
}

function placeOf(site: SiteTerms | undefined): NiiScan['source']['place'] {
  const place = { ...site?.place, ...defined({ zone: site?.zone }) };
  return Object.keys(place).length === 0 ? undefined : place;
}

function withKnownCodes(scan: NiiScan, lists: CodeLists): NiiScan {
  if (lists.size === 0) return scan;
  const unknown = [...codesIn(scan, NiiScan)].filter(
    ({ kind, code }) => lists.get(kind)?.has(code) === false,
  );
  const code: WarningCode = 'NII_W_CODE_UNKNOWN';
  const added = unknown.map(
    (one): Warning => ({ code, field: one.path, value: one.code, message: warningTable[code] }),
  );
  return { ...scan, warnings: [...scan.warnings, ...added].slice(0, WARNINGS_CEILING) };
}

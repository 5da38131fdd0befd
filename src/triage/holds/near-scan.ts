import { defined } from '../../core/defined.ts';
import type { Hold, Passage } from '../../core/radiation/hold.ts';
import { strays, trueTime } from '../../core/rules/clock.ts';
import type { RevisionRow, ScanRow } from '../../core/scan/stored-scan.ts';
import { scannerOf } from '../../core/scanner/scanner.ts';
import { isNear, type NearWindow, type ScanMoment } from '../alarm-near.ts';
import { alarmWindow, arePairedApart, clockOf, pairWindow, type SiteRules, widest } from '../site-rules.ts';

/** A scan as an alarm near it sees it. */
export interface NearScan {
  readonly id: string;
  readonly scanner: string;
  readonly moment: ScanMoment;
}

/** @param row - its newest revision that was converted, if any was */
export function nearScanOf(
  { id, receivedAt }: Pick<ScanRow, 'id' | 'receivedAt'>,
  row: RevisionRow | undefined,
  rules: SiteRules,
): NearScan {
  const scanner = row === undefined ? '' : scannerOf(row);
  const time = trueTime(row?.scan?.acquired, clockOf(rules, scanner));
  const moment = {
    isZoneStated: time?.isZoneStated === true,
    receivedAt,
    ...defined({ acquiredAt: time?.at, lane: row?.scan?.source.lane }),
  };
  return { id, scanner, moment };
}

/** Whether an alarm that is surely of no scan yet may be of this one. */
export function couldBelongTo(
  { passage, openedAt, notOf = [] }: Pick<Hold, 'passage' | 'openedAt' | 'notOf'>,
  { id, scanner, moment }: NearScan,
  rules: SiteRules,
): boolean {
  if (notOf.includes(id)) return false;
  const passed = passage ?? { isZoneStated: false, receivedAt: openedAt };
  return isNear(passed, moment, nearWindow(rules, passed, moment, scanner));
}

/** Whether it was made or received within the windows of the alarm, in whichever lane. */
export function isWithinWindow(
  { passage, openedAt }: Pick<Hold, 'passage' | 'openedAt'>,
  { scanner, moment }: NearScan,
  rules: SiteRules,
): boolean {
  const passed = passage ?? { isZoneStated: false, receivedAt: openedAt };
  return isNear(passed, moment, { ...nearWindow(rules, passed, moment, scanner), comparesLanes: false });
}

function isSureTime(
  written: string | undefined,
  { isZoneStated, receivedAt }: Pick<ScanMoment, 'isZoneStated' | 'receivedAt'>,
): boolean {
  return written !== undefined && isZoneStated && !strays(written, receivedAt);
}

/** The window of the pair, where both times are sure; a time that is not may be outside of it. */
function nearWindow(rules: SiteRules, passage: Passage, moment: ScanMoment, scanner: string): NearWindow {
  const pair = pairWindow(rules, passage, scanner);
  if (pair === undefined)
    return { ...alarmWindow(rules), comparesLanes: arePairedApart(rules, passage, scanner) };
  const isSure = isSureTime(passage.from, passage) && isSureTime(moment.acquiredAt, moment);
  return { ...(isSure ? pair : widest([pair, alarmWindow(rules)])), comparesLanes: false };
}

/**
 * Kinds of fault that are known and not repaired yet. Another kind fails the tests. An entry goes when its kind no longer
 * occurs. Numbers are those of the findings of the first hour at the port.
 */
const knownOpen: readonly (readonly [RegExp, string])[] = [
  [
    /loosened the zone of a (site|scanner)$/,
    'finding 3: one administrator sets a zone, and alarms move away',
  ],
  [/loosened the clock of a scanner$/, 'finding 4: one administrator sets a clock error at a live site'],
  [/\[judged without evidence/, 'finding 8: evidence is typed, not checked'],
  [
    /\[.*it passed long before or after the scan\]$/,
    'finding 9: an alarm reaches no scan that is hours away',
  ],
  [
    /^H2, principle 4: .* was read suspect/,
    'findings 12 and 15: reopening or another scan forgets a suspect',
  ],
  [
    /^H2, .*\[of another scan of the container\]$/,
    'finding 15: without a visit, scans of one container are separate vehicles',
  ],
  [
    /\[(judged real|kept by the authority|released by the authority), /,
    'a real alarm joins no image that comes after it was judged, even if both name the container',
  ],
  [
    /\[settled as a duplicate, /,
    'one officer settles an alarm as a duplicate of one that names another container',
  ],
  [/it names the visit in another spelling\]$/, 'a visit in another spelling is another visit'],
  [/\[of another scan of the visit\]$/, 'finding 9: the same visit a day later is another vehicle'],
  [
    /^H2, .*\[a search was reported\]$/,
    'finding 18: one person reads, orders and searches, and the search counts',
  ],
  [
    /^H2, principle 11: a unit of a scan was to be scanned again, and no such scan came$/,
    'finding 12: reopening forgets that another scan was asked for',
  ],
  [
    /^H8, .* no exit from nothing-to-decide$/,
    'an image that was sent as training holds the vehicle of its visit for ever',
  ],
  [
    /^H8, .* no exit from scan-failed$/,
    'an unreadable image of a visit is replaced only by one of the same sender',
  ],
];

/** @returns why the kind is known, or undefined */
export function openKindOf(kind: string): string | undefined {
  return knownOpen.find(([pattern]) => pattern.test(kind))?.[1];
}

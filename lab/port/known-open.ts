/**
 * Kinds of fault that are known and not repaired yet. Another kind fails the tests. An entry goes when its kind no longer
 * occurs. Numbers are those of the findings of the first hour at the port.
 */
const knownOpen: readonly (readonly [RegExp, string])[] = [
  [
    /without a standing verdict \[of another scan of the (container|visit)\]$/,
    'an image that nobody has read holds its own scan and visit alone',
  ],
  [
    /\[(judged real|kept by the authority), (near|near, and sent late|it passed long before or after the scan)\]$/,
    'a real alarm that names nobody holds no image that comes after it was judged',
  ],
  [
    /\[.*it names the vehicle a day or more apart\]$/,
    'a visit id that comes again after a day is that of another vehicle: ids repeat',
  ],
  [
    /^H2, principle 11: a unit of a scan was to be scanned again, and no such scan came \[of another scan of the (container|visit)\]$/,
    'another scan came that was read normal, but is not of the same sender, format and containers as the one that was asked for',
  ],
];

/** @returns why the kind is known, or undefined */
export function openKindOf(kind: string): string | undefined {
  return knownOpen.find(([pattern]) => pattern.test(kind))?.[1];
}

/**
 * Kinds of fault that are known and not repaired yet. Another kind fails the tests. An entry goes when its kind no longer
 * occurs. Numbers are those of the findings of the first hour at the port.
 */
const knownOpen: readonly (readonly [RegExp, string])[] = [
  [
    /\[((joined by hand|judged with(out)? evidence), )?(of an image that does not name its vehicle, )?it passed long before or after the scan\]$/,
    'an alarm that shares no mark with an image goes to an officer, and holds no image that was made and received long before or after it',
  ],
  [
    /\[judged to be a test, /,
    'two officers have stated that no vehicle passed, of an alarm that names none and is joined to none',
  ],
  [
    /it names the vehicle only where it was sent again with another visit\]$/,
    'an image that is sent again with another visit keeps the visit that it had: the other one would free the vehicle of the first',
  ],
  [
    /\[judged real, (of an image that does not name its vehicle, )?(near, and sent late|it passed long before or after the scan)\]$/,
    'a real alarm of which nobody has said which vehicle it is holds no image that was made and received long before or after it',
  ],
  [
    /of an image that does not name its vehicle, its alarm is joined to the vehicle\]$/,
    'two officers have said which vehicle it is, and nothing leads from there to another image, which names none',
  ],
  [
    /\[kept by the authority, (of an image that does not name its vehicle, )?(near, and sent late|it passed long before or after the scan)\]$/,
    'nothing leads from a vehicle that is kept to an image that shares no mark with its alarm, made and received long before or after it',
  ],
];

/** @returns why the kind is known, or undefined */
export function openKindOf(kind: string): string | undefined {
  return knownOpen.find(([pattern]) => pattern.test(kind))?.[1];
}

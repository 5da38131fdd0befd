const between = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** UN numbers of radioactive material, class 7 of the dangerous goods (IAEA SSR-6, table 1). */
const radioactive: ReadonlySet<string> = new Set(
  [...between(2908, 2913), ...between(2915, 2917), 2919, 2977, 2978, ...between(3321, 3333)].map(String),
);

export function isRadioactive(unNumber: string): boolean {
  return radioactive.has(unNumber);
}

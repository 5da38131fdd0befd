/** The name of a class; its number where the package and the file name none. */
export function classLabel(labels: readonly string[] | undefined, index: number): string {
  return labels?.[index] ?? `class ${index}`;
}

/** Why there are more or fewer names than classes, or undefined. */
export function labelCountMismatch(
  labels: readonly string[] | undefined,
  classes: number,
): string | undefined {
  if (labels === undefined || labels.length === classes) return undefined;
  return `there are ${classes} classes and ${labels.length} labels`;
}

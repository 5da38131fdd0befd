/** A tag as the standard writes it: (0028,0010). */
export function named(tag: string): string {
  return `(${tag.slice(0, 4)},${tag.slice(4)})`.toUpperCase();
}

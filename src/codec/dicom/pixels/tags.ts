/** Where pixels may lie: DICOM's own places, and those of DICOS V02A for wider samples (7FE0,0011 to 0013). */
export const pixelTags: Readonly<Record<string, 'by-representation' | 'float'>> = {
  '7fe00010': 'by-representation',
  '7fe00011': 'by-representation',
  '7fe00012': 'by-representation',
  '7fe00008': 'float',
  '7fe00009': 'float',
  '7fe00013': 'float',
};

export function isPixelTag(tag: string): boolean {
  return Object.hasOwn(pixelTags, tag);
}

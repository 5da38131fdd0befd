/** One file as a scanner would write it. */
export interface SimulatedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export function escapeXml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

/** Little-endian, with a byte order mark in front where asked. */
export function utf16le(text: string, mark: boolean): Uint8Array {
  return new Uint8Array(Buffer.from(`${mark ? '\ufeff' : ''}${text}`, 'utf16le'));
}

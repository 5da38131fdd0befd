/** multipart/related as a stranger would write it (PS3.18 8.6.1). */
export function relatedBody(
  files: readonly Uint8Array[],
  { type = 'application/dicom', boundary = 'nii-test' }: { type?: string; boundary?: string } = {},
) {
  const pieces = files.flatMap((file) => [
    Buffer.from(`--${boundary}\r\nContent-Type: ${type}\r\n\r\n`),
    file,
    Buffer.from('\r\n'),
  ]);
  return {
    payload: Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]),
    headers: { 'content-type': `multipart/related; type="${type}"; boundary=${boundary}` },
  };
}

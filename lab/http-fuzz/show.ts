import { defined } from '../../src/core/defined.ts';
import { framingOf } from './request.ts';
import type { Example, SeenFault } from './tally.ts';

/** Faults with their examples in both forms. */
export function formatFaults(faults: readonly SeenFault[]): readonly Readonly<Record<string, unknown>>[] {
  return faults.map(({ example, ...fault }) => ({
    ...fault,
    ...defined({
      request: example && formatExample(example),
      curl: example && curlLine(example),
    }),
  }));
}

/** An example as JSON that says the same again: bytes as base64. */
export function formatExample(example: Example): Readonly<Record<string, unknown>> {
  if (example.kind === 'bytes') return { bytes: base64(example.bytes) };
  const { body, ...request } = example.request;
  return { ...request, ...defined({ body: body && base64(body) }) };
}

/** The same for a shell. `$H` is the address of the service, `$KEY` a key of the role that the example names. */
export function curlLine(example: Example): string {
  if (example.kind === 'bytes') return `base64 -d <<<${base64(example.bytes)} | nc -q 2 "$HOST" "$PORT"`;
  const { method, target, headers, caller, body } = example.request;
  const authorization =
    caller.kind === 'key'
      ? [['authorization', 'Bearer $KEY']]
      : caller.kind === 'header'
        ? [['authorization', caller.value]]
        : [];
  const all = [...authorization, ...headers, ...framingOf(example.request)].map(
    ([name, value]) => `-H "${quoted(`${name}: ${value}`)}"`,
  );
  const sent = body === undefined ? [] : ['--data-binary @-'];
  const asked = method === 'HEAD' ? '--head' : `-X ${method}`;
  const curl = ['curl -i --path-as-is', asked, ...all, ...sent, `"$H${quoted(target)}"`].join(' ');
  return body === undefined ? curl : `base64 -d <<<${base64(body)} | ${curl}`;
}

function quoted(text: string): string {
  return text.replaceAll(/["\\`]|\$(?!KEY)/g, (char) => `\\${char}`);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

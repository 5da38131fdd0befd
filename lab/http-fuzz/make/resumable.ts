import type { Operation } from '../description.ts';
import type { BegunUpload } from '../learnt.ts';
import { escaped } from '../paths.ts';
import type { FuzzRequest, Header } from '../request.ts';
import { oneIn, oneOf } from './chance.ts';
import { oddHeader } from './odd-headers.ts';
import { oddText } from './odd-text.ts';
import type { Sources } from './sources.ts';
import type { Aim } from './values.ts';

const TUS_BODY = 'application/offset+octet-stream';
const protocol: Header = ['tus-resumable', '1.0.0'];
const BYTES_CEILING = 256 * 1024;

type Made = Omit<FuzzRequest, 'caller'>;

/** A request of the tus protocol, whose headers and order a schema does not describe. */
export function resumableRequest(sources: Sources, operation: Operation, aim: Aim): Made {
  const { numbers } = sources;
  const made = operation.method === 'POST' ? begin(sources, operation) : onUpload(sources, operation, aim);
  if (aim === 'valid') return made;
  const headers = oneIn(numbers, 3)
    ? made.headers.toSpliced(numbers.below(made.headers.length), 1)
    : made.headers;
  return { ...made, headers: [...headers, oddHeader(numbers)] };
}

function begin({ numbers, files }: Sources, { id, method, path }: Operation): Made {
  const file = oneOf(numbers, files);
  const set = oneIn(numbers, 3) ? `,set ${encoded(`s${numbers.below(40)}`)},files ${encoded('2')}` : '';
  const isWithUpload = oneIn(numbers, 4);
  return {
    ...{ operation: id, method, target: path, framing: 'length' },
    headers: [
      protocol,
      ['upload-length', String(file.bytes.length)],
      ['upload-metadata', `filename ${encoded(file.name)}${set}`],
      ...(isWithUpload ? [['content-type', TUS_BODY] as const] : []),
    ],
    body: isWithUpload ? file.bytes.subarray(0, numbers.below(file.bytes.length + 1)) : undefined,
  };
}

function onUpload(sources: Sources, { id, method, path }: Operation, aim: Aim): Made {
  const { numbers, learnt } = sources;
  const upload = learnt.upload(numbers);
  const name = upload === undefined || (aim === 'wrong' && oneIn(numbers, 3)) ? oddText(numbers) : upload.id;
  const target = path.replace('{uploadId}', escaped(name));
  const asked = method === 'GET' && oneIn(numbers, 2) ? 'HEAD' : method;
  const common = {
    operation: id,
    method: asked,
    target,
    framing: oneIn(numbers, 4) ? 'chunked' : 'length',
  } as const;
  if (method !== 'PATCH') return { ...common, headers: [protocol], body: undefined };
  const offset = aim === 'border' ? (upload?.length ?? 0) : (upload?.offset ?? 0);
  return {
    ...common,
    headers: [protocol, ['content-type', TUS_BODY], ['upload-offset', String(offset)]],
    body: nextBytes(sources, upload),
  };
}

/** The rest of the file, or a piece of it. */
function nextBytes({ numbers, files }: Sources, upload: BegunUpload | undefined): Uint8Array {
  const { length = 16, offset = 0 } = upload ?? {};
  const same = files.find(({ bytes }) => bytes.length === length)?.bytes;
  const bytes =
    same ?? new Uint8Array(Math.min(Number.isFinite(length) ? Math.max(0, length) : 0, BYTES_CEILING));
  const rest = bytes.subarray(Math.min(offset, bytes.length));
  return oneIn(numbers, 3) ? rest.subarray(0, numbers.below(rest.length + 1)) : rest;
}

function encoded(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

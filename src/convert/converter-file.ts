import { closeSync, fstatSync, openSync } from 'node:fs';
import { readFully } from '../codec/plane-file.ts';
import { NiiError } from '../core/errors.ts';
import type { ConverterFile } from '../sdk/sdk.ts';

type Described = Pick<ConverterFile, 'name' | 'role' | 'complete'>;

/** A file of this machine, open until it is closed. */
export interface OpenedFile {
  readonly file: ConverterFile;
  close(): void;
}

/** Its bytes are read when they are first asked for. */
export function openConverterFile({ name, role, complete }: Described, path: string): OpenedFile {
  const handle = openSync(path, 'r');
  const size = fstatSync(handle).size;
  let all: Uint8Array | undefined;
  const file: ConverterFile = {
    name,
    role,
    complete,
    size,
    get bytes() {
      all ??= readFully(handle, 0, size);
      return all;
    },
    slice: (from, to) => {
      requirePresent(name, from, to, size);
      return all === undefined ? readFully(handle, from, to) : all.subarray(from, to);
    },
  };
  return { file, close: () => closeSync(handle) };
}

export function fileInMemory({ name, role, complete }: Described, bytes: Uint8Array): ConverterFile {
  const slice = (from: number, to: number) => {
    requirePresent(name, from, to, bytes.length);
    return bytes.subarray(from, to);
  };
  return { name, role, complete, bytes, size: bytes.length, slice };
}

function requirePresent(name: string, from: number, to: number, size: number): void {
  if (Number.isSafeInteger(from) && Number.isSafeInteger(to) && 0 <= from && from <= to && to <= size) return;
  const detail = `${name}: bytes ${from} to ${to} are needed, but the file has ${size}`;
  throw new NiiError('NII_TRUNCATED', { detail, offset: size, field: name });
}

import dicomParser, { type Element } from 'dicom-parser';
import { describe, expect, test } from 'vitest';
import type { RawElement } from '../../../../src/codec/dicom/raw.ts';
import { parseDicom } from '../../../../src/codec/dicom/read/file.ts';
import { defaultLimits } from '../../../../src/core/limits.ts';
import {
  dicomFixture,
  dicomFixtures,
  foreignRows,
  readFixture,
} from '../../../support/inputs/dicom-fixtures.ts';
import { hasSharedData, readShared } from '../../../support/shared-data.ts';

/** Of a sequence, as it lies in a file. */
const DELIMITER = Buffer.from('feffdde0', 'hex');

const theirFiles = (): readonly (readonly [string, Uint8Array])[] =>
  foreignRows()
    .filter(({ path }) => /\.(dcm|dcs)$/.test(path))
    .map(({ path }) => [path, readShared(`dicom/${path}`)]);

/** What dicom-parser sees: tag and length of every element, items and fragments counted; undefined where it gives up. */
function theirs(bytes: Uint8Array): readonly string[] | undefined {
  try {
    const { elements } = dicomParser.parseDicom(bytes);
    return Object.values(elements)
      .filter(({ tag }) => !tag.startsWith('xfffe'))
      .map(describeTheirs);
  } catch {
    return undefined;
  }
}

function describeTheirs({ tag, items, fragments, length }: Element): string {
  const inner = items?.map((item) =>
    Object.values(item.dataSet?.elements ?? {})
      .filter(isElement)
      .map(describeTheirs),
  );
  if (inner !== undefined) return `${tag.slice(1)} ${JSON.stringify(inner)}`;
  const sizes = fragments?.map((fragment) => fragment.length);
  return `${tag.slice(1)} ${sizes === undefined ? length : sizes.join()}`;
}

function isElement({ tag }: Element): boolean {
  return !tag.startsWith('xfffe');
}

function describeOurs(element: RawElement): string {
  const { tag, kind } = element;
  if (kind === 'value') return `${tag} ${element.bytes.length}`;
  if (kind === 'fragments') return `${tag} ${element.value.fragments.map(({ length }) => length).join()}`;
  return `${tag} ${JSON.stringify(element.items.map((item) => item.elements.map(describeOurs)))}`;
}

function ours(bytes: Uint8Array, name: string): readonly string[] {
  const { meta, elements } = parseDicom(bytes, name, defaultLimits);
  return [...meta, ...elements].map(describeOurs);
}

/** dicom-parser lists the file meta information last. */
function inOrder(elements: readonly string[]): readonly string[] {
  return elements.toSorted((a, b) => (a < b ? -1 : 1));
}

/** How many files dicom-parser reads; each must have the elements that it sees. */
function compareWithTheirs(files: readonly (readonly [string, Uint8Array])[]): number {
  const compared = files.flatMap(([path, bytes]) => {
    const seen = theirs(bytes);
    return seen === undefined ? [] : [[path, seen, ours(bytes, path)] as const];
  });
  for (const [path, seen, found] of compared) expect([path, inOrder(found)]).toEqual([path, inOrder(seen)]);
  return compared.length;
}

describe('the elements of a file', () => {
  test('are those that dicom-parser sees, wherever it sees any', () => {
    // it takes the zeros behind the last element for one more
    const files = dicomFixtures
      .filter(({ quirks }) => !quirks.includes('trailing-zeros'))
      .map((fixture) => [fixture.file, readFixture(fixture)] as const);
    expect(compareWithTheirs(files)).toBeGreaterThan(60);
  });

  test.runIf(hasSharedData('dicom'))('by others are those that dicom-parser sees', () => {
    expect(compareWithTheirs(theirFiles())).toBeGreaterThan(75);
  });

  test('keep their fragments apart by length, whatever bytes are in them', () => {
    for (const name of ['damaged-codestream', 'jpeg-2000-91-i16-delimiter-inside']) {
      const pixels = parseDicom(readFixture(dicomFixture(name)), name, defaultLimits).elements.at(-1);
      const value = pixels?.kind === 'fragments' ? pixels.value : undefined;
      expect(value?.fragments.map((fragment) => Buffer.from(fragment).includes(DELIMITER))).toEqual([true]);
    }
  });
});

/** An element of explicit little-endian with a short length. */
function element(tag: readonly [number, number], vr: string, value: string): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16LE(tag[0], 0);
  head.writeUInt16LE(tag[1], 2);
  head.write(vr, 4, 'latin1');
  head.writeUInt16LE(value.length, 6);
  return Buffer.concat([head, Buffer.from(value, 'latin1')]);
}

describe('a file whose transfer syntax', () => {
  const withSyntaxes = (...syntaxes: readonly string[]) =>
    new Uint8Array(
      Buffer.concat([
        Buffer.alloc(128),
        Buffer.from('DICM'),
        ...syntaxes.map((uid) => element([2, 0x10], 'UI', uid.length % 2 === 0 ? uid : `${uid}\0`)),
        element([8, 0x60], 'CS', 'DX'),
      ]),
    );

  test('stands there once is read', () => {
    const { transferSyntax } = parseDicom(withSyntaxes('1.2.840.10008.1.2.1'), 'one', defaultLimits);
    expect(transferSyntax).toBe('1.2.840.10008.1.2.1');
  });

  test('stands there twice, so that readers differ, is refused and not guessed', () => {
    const two = withSyntaxes('1.2.840.10008.1.2.1', '1.2.840.10008.1.2.4.70');
    expect(() => parseDicom(two, 'two', defaultLimits)).toThrow(/two readers .* disagree/);
  });
});

import { readFile, stat } from 'node:fs/promises';
import Type, { type Static } from 'typebox';
import { Check, Errors } from 'typebox/value';
import { defined } from '../../core/defined.ts';
import { NiiError } from '../../core/errors.ts';
import { installedPath } from '../../runtime/installed.ts';
import { type Material, materials } from '../../simulate/physics/materials.ts';

/** Objects that are put into ordinary scans. docs/how-to/evaluation.md explains each field. */

const closed = { additionalProperties: false } as const;
const materialNames = Object.keys(materials) as readonly Material[]; // the keys of the literal
const MaterialName = Type.Enum([...materialNames], { description: 'Its attenuation is that of NIST XCOM' });
const Millimetres = Type.Number({ exclusiveMinimum: 0, maximum: 5000 });

const identity = {
  id: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' }),
  class: Type.String({
    pattern: '^[a-z0-9][a-z0-9-]{0,63}$',
    description: 'Figures are given for each class',
  }),
  outline: Type.Array(
    Type.Tuple([
      Type.Number({ minimum: -5000, maximum: 5000 }),
      Type.Number({ minimum: -5000, maximum: 5000 }),
    ]),
    {
      minItems: 3,
      maxItems: 256,
      description: 'Corners in mm as seen from the side, x along the vehicle, y up',
    },
  ),
};

const Added = Type.Object(
  {
    ...identity,
    material: MaterialName,
    arealDensity: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1000,
      description: 'Of the material along the beam, g/cm²',
    }),
    lining: Type.Optional(
      Type.Object(
        { material: MaterialName, thicknessMm: Millimetres, depthMm: Millimetres },
        { ...closed, description: 'A box of sheets around it: front, back and, seen edge-on, the rim' },
      ),
    ),
    grid: Type.Optional(
      Type.Object(
        {
          columns: Type.Integer({ minimum: 1, maximum: 20 }),
          rows: Type.Integer({ minimum: 1, maximum: 20 }),
          gapMm: Type.Number({ minimum: 0, maximum: 1000 }),
        },
        { ...closed, description: 'Number of copies beside and above one another' },
      ),
    ),
  },
  { ...closed, description: 'An object that is added' },
);

const Removed = Type.Object(
  {
    ...identity,
    removes: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1,
      description: 'Share of the goods along the beam that is removed',
    }),
  },
  { ...closed, description: 'A place where goods are missing' },
);

const ThreatObject = Type.Union([Added, Removed]);
export type ThreatObject = Static<typeof ThreatObject>;

export const ThreatLibrary = Type.Object(
  {
    schemaVersion: Type.Literal('1.0'),
    title: Type.String({ minLength: 1, maxLength: 256 }),
    licence: Type.String({ minLength: 1, maxLength: 256 }),
    objects: Type.Array(ThreatObject, { minItems: 1, maxItems: 10_000 }),
  },
  {
    $id: 'https://nii-hub.org/schemas/threat-library-1.0.json',
    title: 'NII threat library',
    description: 'Objects that an evaluation of a model projects into ordinary scans.',
    ...closed,
  },
);
export type ThreatLibrary = Static<typeof ThreatLibrary>;

const LIBRARY_LIMIT_BYTES = 16 * 1024 * 1024;

/** Where the library of the product lies. */
export function ownLibraryPath(): string {
  return installedPath('models/threats.json');
}

/** @throws NII_NOT_FOUND, NII_MALFORMED naming the first field that is not by the schema, NII_LIMIT_BYTES */
export async function readLibrary(path: string): Promise<ThreatLibrary> {
  return parseLibrary(await bytesOf(path));
}

/** @throws NII_MALFORMED naming the first field that is not by the schema */
export function parseLibrary(bytes: Uint8Array): ThreatLibrary {
  const value = parsed(bytes);
  if (!Check(ThreatLibrary, value)) throw malformed(firstError(value));
  const flat = value.objects.find((one) => areaOf(one.outline) < 1);
  if (flat !== undefined) throw malformed(`the outline of '${flat.id}' is smaller than 1 mm²`);
  return value;
}

async function bytesOf(path: string): Promise<Uint8Array> {
  const state = await stat(path).catch((cause: unknown) => {
    const detail = `The threat library ${path} cannot be read: name a JSON file, "library" or "sim"`;
    throw new NiiError('NII_NOT_FOUND', { detail, field: 'threats', cause });
  });
  if (!state.isFile()) throw malformed('not a file');
  if (state.size > LIBRARY_LIMIT_BYTES) {
    throw new NiiError(
      'NII_LIMIT_BYTES',
      `The threat library is too large: use at most ${LIBRARY_LIMIT_BYTES} bytes`,
    );
  }
  return readFile(path);
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw malformed('not JSON in UTF-8', cause);
  }
}

function firstError(value: unknown): string {
  const errors = Errors(ThreatLibrary, value);
  const first = errors.find(({ keyword }) => keyword !== 'anyOf') ?? errors[0];
  return `${first?.instancePath ?? ''} ${first?.message ?? 'not by its schema'}`.trim();
}

function areaOf(outline: ThreatObject['outline']): number {
  let twice = 0;
  for (const [i, [x, y]] of outline.entries()) {
    const [nextX, nextY] = outline[(i + 1) % outline.length] ?? [x, y];
    twice += x * nextY - nextX * y;
  }
  return Math.abs(twice) / 2;
}

function malformed(what: string, cause?: unknown): NiiError {
  return new NiiError('NII_MALFORMED', {
    detail: `Threat library: ${what}`,
    field: 'threats',
    ...defined({ cause }),
  });
}

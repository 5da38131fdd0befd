import Type, { type Static } from 'typebox';
import Value from 'typebox/value';
import { NiiError } from '../core/errors.ts';
import { AttachedRole } from '../core/scan/attached-role.ts';
import { ConverterDefaults } from '../core/scan/defaults.ts';
import { checkLayout } from '../layouts/schema/check.ts';
import { HeaderNumber, Layout } from '../layouts/schema/layout.ts';
import { About } from './about.ts';

const closed = { additionalProperties: false } as const;
const Hex = Type.String({ pattern: '^([0-9a-f]{2})+$', maxLength: 128 });
const Offset = Type.Integer({ minimum: 0, maximum: 4095, description: 'In the first 4 KiB of the file' });

/** A number in the head of a file. */
export const HeadNumber = Type.Object({ at: Offset, type: HeaderNumber }, closed);
export type HeadNumber = Static<typeof HeadNumber>;

/** One thing that can be asked of the head of a file. Its name is never asked. */
export const Test = Type.Union([
  Type.Object(
    { bytes: Hex, at: Type.Optional(Offset) },
    { ...closed, description: 'These bytes are at the offset (default: 0)' },
  ),
  Type.Object(
    {
      number: HeadNumber,
      oneOf: Type.Optional(Type.Array(Type.Integer(), { minItems: 1, maxItems: 64 })),
      min: Type.Optional(Type.Integer()),
      max: Type.Optional(Type.Integer()),
    },
    { ...closed, description: 'A header field lies in a set or a range' },
  ),
  Type.Object(
    { xmlRoot: Type.Array(Type.String(), { minItems: 1, maxItems: 16 }) },
    { ...closed, description: 'An XML text, in any encoding, whose root has one of these local names' },
  ),
  Type.Object(
    {
      xmlElement: Type.Array(Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_.-]*$' }), {
        minItems: 1,
        maxItems: 16,
      }),
    },
    {
      ...closed,
      description: 'Each of these elements, by local name, begins in the first 4 KiB of an XML text',
    },
  ),
  Type.Object(
    { lines: Type.String({ minLength: 1, maxLength: 512 }) },
    {
      ...closed,
      description:
        'A text whose first line, and most of the lines in the first 4 KiB, match this regular expression',
    },
  ),
  Type.Object(
    { jsonKey: Type.String({ minLength: 1, maxLength: 64 }) },
    { ...closed, description: 'A JSON object with this key, itself and in the first 4 KiB' },
  ),
  Type.Object(
    { dicomDataSet: Type.Literal(true) },
    {
      ...closed,
      description:
        'A DICOM file: DICM at byte 128, or without preamble several elements of a data set in order, with sane value representations, lengths and texts',
    },
  ),
  Type.Object(
    { npy: Type.Array(Type.Integer({ minimum: 1, maximum: 8 }), { minItems: 1, maxItems: 8 }) },
    { ...closed, description: 'A NumPy array with one of these numbers of dimensions' },
  ),
]);
export type Test = Static<typeof Test>;

/** All of `all` hold and at least `atLeast` of `of`. */
export const Rule = Type.Object(
  {
    all: Type.Array(Test, { minItems: 1, maxItems: 32 }),
    of: Type.Optional(Type.Array(Test, { maxItems: 32 })),
    atLeast: Type.Optional(Type.Integer({ minimum: 1, maximum: 32 })),
    role: Type.Optional(
      Type.String({ maxLength: 64, description: 'Role of such a file where its name gives none' }),
    ),
    fallback: Type.Optional(
      Type.Literal(true, {
        description: 'Such a file belongs to a scan of another package where one takes it as a sidecar',
      }),
    ),
    size: Type.Optional(
      Type.Union(
        [
          Type.Literal('npy'),
          Type.Object(
            {
              header: Type.Integer({ minimum: 0, maximum: 4096 }),
              factors: Type.Array(HeadNumber, { minItems: 1, maxItems: 4 }),
              constant: Type.Optional(Type.Integer({ minimum: 1, maximum: 64 })),
              dividedBy: Type.Optional(Type.Integer({ minimum: 1, maximum: 64 })),
            },
            closed,
          ),
        ],
        {
          description: 'Number of bytes that the header states; a shorter file is still being written',
        },
      ),
    ),
  },
  closed,
);
export type Rule = Static<typeof Rule>;

const Sidecar = Type.Object(
  {
    extensions: Type.Array(Type.String({ pattern: '^[a-z0-9]{1,8}$' }), { minItems: 1, maxItems: 8 }),
    role: Type.String({ minLength: 1, maxLength: 64 }),
    parts: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description: 'Lower-case part of the name -> role, where the part tells more',
      }),
    ),
    bytes: Type.Optional(Hex),
  },
  {
    ...closed,
    description: 'A file of the same stem that no converter claims, or only a fallback, joins with this role',
  },
);

const ElementName = Type.String({ minLength: 1, maxLength: 128, description: 'Local name, any namespace' });

/** What an index file names the other files of its scan by. */
export const Reference = Type.Object(
  {
    element: Type.String({
      minLength: 1,
      maxLength: 128,
      description: 'Local name of the XML element whose text is the name of a file',
    }),
    attribute: Type.Optional(
      Type.String({ minLength: 1, maxLength: 128, description: 'Attribute that gives the kind of the file' }),
    ),
    roles: Type.Record(Type.String(), AttachedRole, {
      description: 'Value of the attribute -> role',
    }),
    extensions: Type.Optional(
      Type.Record(Type.String({ pattern: '^[a-z0-9]{1,8}$' }), AttachedRole, {
        description: 'Extension -> role, where it tells more than the attribute',
      }),
    ),
    otherwise: Type.Optional(AttachedRole),
  },
  {
    ...closed,
    description:
      'Files that such elements of an XML of this format name belong to its scan: by base name, in any case, the same folder first. Other values have the role `otherwise`, or attachment',
  },
);
export type Reference = Static<typeof Reference>;

const DicomTag = Type.String({ pattern: '^[0-9a-f]{8}$' });

const Grouping = Type.Union([
  Type.Object(
    {
      by: Type.Literal('name'),
      pattern: Type.String({
        maxLength: 512,
        description:
          'Regular expression over the base name, case-insensitive, with the named groups stem and, where files have parts, part',
      }),
      parts: Type.Optional(
        Type.Record(Type.String(), Type.String(), { description: 'Lower-case part of the name -> role' }),
      ),
      grows: Type.Optional(
        Type.Literal(true, {
          description:
            'A log that grows and is sent repeatedly; `nii watch` sends it although it keeps changing',
        }),
      ),
    },
    closed,
  ),
  Type.Object(
    { by: Type.Literal('dicom'), tag: DicomTag, roleTag: DicomTag },
    {
      ...closed,
      description:
        'Files whose element `tag` has the same value, by stem where it is out of reach; each file has its own `roleTag` for a role',
    },
  ),
  Type.Object(
    {
      by: Type.Literal('xml'),
      element: ElementName,
      pattern: Type.Optional(
        Type.String({
          maxLength: 512,
          description: 'As of `name`: the stem of a sidecar is the text of the element',
        }),
      ),
    },
    {
      ...closed,
      description:
        'XML files whose first such element has the same text (lower case), by stem where there is none; see `references` for the rest',
    },
  ),
]);

/** `converter.json`: how a format is recognised, how its files become scans, and what reads them. */
export const ConverterManifest = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    schemaVersion: Type.Literal('1.0'),
    id: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' }),
    replaces: Type.Optional(
      Type.Array(Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' }), {
        maxItems: 8,
        description: 'Former ids: scans stored under them are converted by this package',
      }),
    ),
    version: Type.String({ pattern: '^[0-9]+\\.[0-9]+\\.[0-9]+$' }),
    title: Type.String({ minLength: 1, maxLength: 256 }),
    formats: Type.Array(Type.String({ maxLength: 128 }), { minItems: 1, maxItems: 16 }),
    recognise: Type.Array(Rule, { minItems: 1, maxItems: 16 }),
    group: Grouping,
    sidecars: Type.Optional(Type.Array(Sidecar, { maxItems: 16 })),
    references: Type.Optional(Type.Array(Reference, { maxItems: 16 })),
    fallback: Type.Optional(
      Type.Literal(true, {
        description: 'Its files become separate scans only if no other scan claims them',
      }),
    ),
    ceilingBytes: Type.Integer({ minimum: 1, description: 'A file of this format is never larger' }),
    reader: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9_-]+\\.(js|mjs)$',
        description:
          'Module in this folder whose `read` reads the files; reader.js stands for reader.ts in sources',
      }),
    ),
    layout: Type.Optional(Layout),
    defaults: Type.Optional(ConverterDefaults),
    about: Type.Optional(About),
    enabledBy: Type.Optional(Type.Literal('fake', { description: 'Only where NII_ENABLE_FAKE is set' })),
  },
  {
    $id: 'https://nii-hub.org/schemas/converter-1.0.json',
    title: 'Converter manifest',
    additionalProperties: false,
  },
);
export type ConverterManifest = Static<typeof ConverterManifest>;

/** Checks a manifest. @throws NII_CONFIG naming the first thing that is wrong */
export function parseManifest(value: unknown, where: string): ConverterManifest {
  if (!Value.Check(ConverterManifest, value)) {
    const [first] = Value.Errors(ConverterManifest, value);
    throw new NiiError(
      'NII_CONFIG',
      `${where}: ${first?.instancePath || '/'} ${first?.message ?? 'is wrong'}`,
    );
  }
  if ((value.reader === undefined) === (value.layout === undefined)) {
    throw new NiiError('NII_CONFIG', `${where}: exactly one of reader and layout must be given`);
  }
  checkGrouping(value, where);
  checkLines(value, where);
  if (value.layout !== undefined) checkLayout(value.layout, where);
  return value;
}

function checkGrouping({ group }: ConverterManifest, where: string): void {
  if (group.by === 'dicom' || group.pattern === undefined) return;
  if (!group.pattern.includes('(?<stem>')) {
    throw new NiiError('NII_CONFIG', `${where}: group.pattern needs a named group stem`);
  }
  checkExpression(group.pattern, 'group.pattern', where);
}

function checkLines({ recognise }: ConverterManifest, where: string): void {
  for (const test of recognise.flatMap(({ all, of = [] }) => [...all, ...of])) {
    if ('lines' in test) checkExpression(test.lines, 'lines', where);
  }
}

function checkExpression(expression: string, name: string, where: string): void {
  try {
    new RegExp(expression, 'i');
  } catch (cause) {
    throw new NiiError('NII_CONFIG', { detail: `${where}: ${name} is not a regular expression`, cause });
  }
}

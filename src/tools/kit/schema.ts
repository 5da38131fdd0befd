import Type, { type Static } from 'typebox';
import { Sha256 } from '../../core/scan/scan.ts';
import { Expected } from '../contract/expected.ts';

const closed = { additionalProperties: false } as const;
const Count = Type.Integer({ minimum: 0 });
const Name = Type.String({ pattern: '^[^/\\\\]{1,255}$' });

const KitFile = Type.Object({ name: Name, bytes: Count, sha256: Sha256 }, closed);
export type KitFile = Static<typeof KitFile>;

const SceneChannelFacts = Type.Object(
  {
    kind: Type.String(),
    energy: Type.Optional(Type.String()),
    rows: Type.Integer({ minimum: 1 }),
    columns: Type.Integer({ minimum: 1 }),
    sha256: Type.Union([Sha256], { description: 'Of the samples upright, little-endian, by row' }),
  },
  closed,
);

/** What is in a simulated scene, whatever files it comes in. */
export const Scene = Type.Object(
  {
    containers: Type.Array(Type.String()),
    acquired: Type.Optional(Type.String({ description: 'Where the layout carries it' })),
    channels: Type.Array(SceneChannelFacts),
  },
  closed,
);
export type Scene = Static<typeof Scene>;

const Id = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$' });

const KitCase = Type.Union([
  Type.Object(
    {
      id: Id,
      kind: Type.Literal('fixture'),
      converter: Type.String(),
      files: Type.Array(KitFile),
      expected: Expected,
    },
    {
      ...closed,
      description: 'A small file of one format, with its expected result or rejection',
    },
  ),
  Type.Object(
    {
      id: Id,
      kind: Type.Literal('scene'),
      converter: Type.String(),
      reference: Type.Boolean({ description: 'Exports of other systems are scored on this one' }),
      files: Type.Array(KitFile),
      scene: Scene,
    },
    { ...closed, description: 'A simulated scan in the layout of one format' },
  ),
]);
export type KitCase = Static<typeof KitCase>;

/** `kit.json`: every case of a conformance kit with the hashes of its files. */
export const Kit = Type.Object(
  {
    schemaVersion: Type.Literal('1.0'),
    madeBy: Type.String(),
    seed: Count,
    cases: Type.Array(KitCase, { minItems: 1, maxItems: 100_000 }),
  },
  {
    ...closed,
    $id: 'https://nii-hub.org/schemas/kit-1.0.json',
    title: 'Conformance kit',
    description: 'The files of a case are in cases/<id>/ beside this document',
  },
);
export type Kit = Static<typeof Kit>;

import { ratingsBeside } from '../../tools/contract/rated-formats.ts';
import { gradeNames, type Ratings } from '../../tools/contract/ratings.ts';
import { type Command, exitCode } from '../command.ts';
import { json, table } from '../table.ts';

const rated = [
  'pixels',
  'metadata',
  'openness',
  'presence',
  'utility',
] as const satisfies readonly (keyof Ratings)[];

export const converters: Command = {
  name: 'converters',
  summary: 'the former name of nii formats list',
  deprecated: { use: 'use nii formats list' },
  options: {},
  notes: [
    'Ratings are computed from the contract suite and the manifest, see docs/reference/formats.md. Packages from',
    'NII_CONVERTERS_DIR have none here; nii formats test DIR computes them.',
  ],
  async run(context, values) {
    const { converters: installed } = await context.tools();
    const rows = await Promise.all(
      installed.map(async (one) => {
        const { id, version, title, formats, layout } = one.manifest;
        const ratings = (await ratingsBeside(one)) ?? null;
        return { id, version, title, formats, code: layout === undefined, ratings };
      }),
    );
    context.terminal.out(
      values.json === true
        ? json(rows)
        : table(
            ['id', 'version', ...rated, 'title'],
            rows.map(({ id, version, title, ratings }) => [id, version, ...gradesOf(ratings), title]),
          ),
    );
    return exitCode.done;
  },
};

function gradesOf(ratings: Ratings | null): readonly string[] {
  return rated.map((name) => gradeNames[ratings?.[name] ?? 0] || '-');
}

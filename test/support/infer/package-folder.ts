import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { familyModels, SIDE } from './family-models.ts';
import { type Changes, manifestOf, opacityModel } from './models.ts';

/** A package of the opacity model on disk; versions that differ in `one` say something else of the same scan. */
export function writePackage(
  folder: string,
  { one = 1, golden, ...changes }: Changes & { readonly one?: number; readonly golden?: object } = {},
): void {
  mkdirSync(folder, { recursive: true });
  const file = opacityModel(2, 'h', 'w', one);
  writeFileSync(join(folder, 'model.onnx'), file);
  writeFileSync(join(folder, 'model.json'), JSON.stringify(manifestOf(file, changes)));
  writeFileSync(join(folder, 'README.md'), '# Opacity\n');
  if (golden !== undefined) writeFileSync(join(folder, 'golden.json'), JSON.stringify(golden));
}

/** A package of a detector that marks a weapon and a cab in each tile, whatever it sees; its file says how it is read. */
export function writeDetector(folder: string, changes: Changes = {}): void {
  const model = familyModels.find(({ adapter }) => adapter === 'yolo-8');
  if (model === undefined) throw new Error('no detector among the families');
  mkdirSync(folder, { recursive: true });
  const { output: _, ...rest } = manifestOf(model.file);
  const manifest = {
    ...rest,
    schemaVersion: '1.1',
    id: 'threats',
    title: 'Named threats',
    task: model.task,
    input: {
      ...rest.input,
      name: model.inputName,
      channels: Array(model.channels).fill({ kind: 'transmission', energy: 'any' }),
    },
    shape: { kind: 'tiles', height: SIDE, width: SIDE, overlap: 8 },
    thresholds: { map: 0.5, score: 0.5 },
    reference: { population: 'four invented scores', count: 4, scores: [0, 0, 0.5, 0.9] },
    ...changes,
  };
  writeFileSync(join(folder, 'model.onnx'), model.file);
  writeFileSync(join(folder, 'model.json'), JSON.stringify(manifest));
}

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

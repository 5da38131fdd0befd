import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ModelRunner } from '../core/ports.ts';
import type { ScanWithPlanes } from '../core/scan.ts';
import { type AnalysisResult, analysisSteps, notAnalysed } from './analysis.ts';
import { adapterOf } from './fingerprint.ts';
import type { Geometry } from './geometry.ts';
import type { ModelManifest } from './manifest.ts';
import type { ModelPackage } from './packages.ts';
import type { ValueMap } from './smooth.ts';
import { type ModelInput, type TensorOptions, tensorSteps } from './tensor.ts';
import { cutTile, MapMerger, tileCorners } from './tiling.ts';
import { inTurns } from './turns.ts';

export interface AnalyseOptions extends TensorOptions {
  /** Of one run of the model; a tiled image takes several. */
  readonly timeoutMs: number;
}

/**
 * What one model says of one scan, or why it could not look. The same scan and model give the same answer but for
 * the milliseconds, which are those of the model's runs alone.
 * @throws NII_MODEL_FAILED when the model ends without a result
 */
export async function analyseScan(
  runner: ModelRunner,
  scan: ScanWithPlanes,
  { manifest }: Pick<ModelPackage, 'manifest'>,
  options: AnalyseOptions,
): Promise<AnalysisResult> {
  const tensor = await inTurns(tensorSteps(scan, manifest, options));
  if ('notAnalysed' in tensor) return { analysis: notAnalysed(manifest, tensor.notAnalysed) };
  const started = performance.now();
  const map = await mapOf(runner, manifest, tensor, options.timeoutMs);
  const milliseconds = Math.round((performance.now() - started) * 10) / 10;
  return inTurns(analysisSteps(scan.scan, manifest, tensor.geometry, map, milliseconds));
}

/** Runs the model over every tile, one after the other, and joins the maps. */
async function mapOf(
  runner: ModelRunner,
  manifest: ModelManifest,
  { input: { image, plan, pad }, geometry }: { readonly input: ModelInput; readonly geometry: Geometry },
  timeoutMs: number,
): Promise<ValueMap> {
  const { rows, columns } = geometry.model;
  const adapter = adapterOf(manifest);
  const merger = new MapMerger(plan, rows, columns);
  for (const corner of tileCorners(plan)) {
    const tile = cutTile(image, plan, corner, pad);
    await nextTurn();
    const outputs = await runner.run({ [manifest.input.name]: tile }, timeoutMs);
    merger.add(corner, adapter.read(outputs, manifest, plan).map);
  }
  return { rows, columns, values: merger.merged() };
}

import { modelPlan } from './adapters/onnx/process.ts';
import { containedPlan } from './convert/convert-in-child.ts';
import { NiiError } from './core/errors.ts';
import { readerPlan } from './parsing/reader-pool.ts';
import { ChildFailure } from './runtime/children/child-failure.ts';
import { type ChildPlan, startChild, untilReady } from './runtime/children/running-child.ts';
import { findContainment } from './runtime/contain/containment.ts';

/** Of what the child printed, its last characters. */
const LONGEST_WORDS = 1_000;

/** The contained processes of a service. */
const plans: Readonly<Record<string, ChildPlan>> = {
  'the process that reads files': readerPlan,
  'the process that converts': containedPlan([]),
  'the process of a model': { ...modelPlan, contained: { reads: [], addons: true } },
};

/**
 * Starts each contained process once, as the service will start it, and ends it.
 * @throws NII_CHILD_START with what the process printed, for one that does not start
 */
export async function proveChildren(all = plans): Promise<void> {
  await Promise.all(Object.entries(all).map(([name, plan]) => proveChild(name, plan)));
}

async function proveChild(name: string, plan: ChildPlan): Promise<void> {
  const child = await startChild({ ...plan, output: 'collect' });
  try {
    await untilReady(child);
  } catch (error) {
    throw error instanceof ChildFailure ? await startMistake(name, error) : error;
  } finally {
    await child.end();
  }
}

async function startMistake(name: string, failure: ChildFailure): Promise<NiiError> {
  const { kind } = await findContainment();
  const how = `contained by ${kind}, Node ${process.versions.node}`;
  const printed = failure.cause instanceof Error ? `: ${failure.cause.message.slice(-LONGEST_WORDS)}` : '';
  const detail = `${name} ${failure.message} (${how})${printed}`;
  return new NiiError('NII_CHILD_START', { detail, cause: failure });
}

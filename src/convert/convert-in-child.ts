import { defined } from '../core/defined.ts';
import { NiiError } from '../core/errors.ts';
import type { Limits } from '../core/limits.ts';
import { builtInFolder, type ConverterPackage } from '../recognise/registry.ts';
import { ChildFailure } from '../runtime/children/child-failure.ts';
import { ReadyChildren } from '../runtime/children/ready-children.ts';
import { type ChildPlan, type RunningChild, startChild } from '../runtime/children/running-child.ts';
import { CONVERTED, conversionTask } from './conversion-task.ts';
import type { Conversion } from './in-process.ts';

/** How a process that converts is started; it can serve any converter. */
export const converterPlan: ChildPlan = { program: 'convert', args: [builtInFolder()], output: 'collect' };

/** Where conversions get the process that they run in. */
export interface ConverterChildren {
  take(converter: ConverterPackage): Promise<RunningChild>;
  /** The conversion has ended, well or not; the process writes no more into its folder when this returns. */
  release(child: RunningChild): Promise<void>;
}

/** A process for each conversion. */
export const freshChildren: ConverterChildren = {
  take: () => startChild(converterPlan),
  release: (child) => child.end(),
};

export interface ReadyConverters extends ConverterChildren {
  /** Starts the first process now, and not with the first conversion. */
  prepare(): void;
  close(): Promise<void>;
}

/** A process for each conversion, started before it is needed. @param atOnce - conversions at once; others wait */
export function openReadyConverters(atOnce: number): ReadyConverters {
  const children = new ReadyChildren({ plan: converterPlan, atOnce });
  return {
    take: ({ manifest }) => children.take(manifest.id).catch(rejectWithoutChild),
    release: (child) => children.release(child),
    prepare: () => children.prepare(),
    close: () => children.close(),
  };
}

/** That no process starts is no fault of the file. */
function rejectWithoutChild(error: unknown): never {
  if (!(error instanceof ChildFailure)) throw error;
  throw new NiiError('NII_BUSY', { detail: `the process of converters ${error.message}`, cause: error });
}

/**
 * Converts in the child, which leaves record and planes in `workDir`.
 * @throws NII_LIMIT_TIME, NII_LIMIT_MEMORY, NII_CONVERTER_CRASHED, every code the converter rejects with, and the
 *   signal's reason
 */
export async function convertInChild(
  child: RunningChild,
  conversion: Conversion,
  workDir: string,
  signal?: AbortSignal,
): Promise<void> {
  const { limits } = conversion;
  try {
    await child.call({
      task: conversionTask(conversion, workDir),
      timeoutMs: limits.convertSeconds * 1000,
      memoryBytes: limits.convertBytes,
      read: (value) => (value === CONVERTED ? CONVERTED : undefined),
      ...defined({ signal }),
    });
  } catch (error) {
    throw error instanceof ChildFailure ? rejectionFor(error, limits) : error;
  }
}

function rejectionFor(failure: ChildFailure, limits: Limits): NiiError {
  switch (failure.fault) {
    case 'time':
    case 'silence':
      return new NiiError('NII_LIMIT_TIME', `more than ${limits.convertSeconds} s`);
    case 'memory':
      return new NiiError('NII_LIMIT_MEMORY', `more than ${limits.convertBytes} bytes of memory`);
    case 'ended':
    case 'unreadable':
    case 'start':
    case 'stopped':
      return new NiiError('NII_CONVERTER_CRASHED', {
        detail: `its process ${failure.message}`,
        cause: failure,
      });
  }
}

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openPlaneFile, type PlaneFile } from '../codec/plane-file.ts';
import { isNiiError } from '../core/errors.ts';
import { checkScan } from '../core/scan/check-scan.ts';
import { type ScanWithSources, wholePlane } from '../core/scan/plane-source.ts';
import { channelsOf, type NiiScan, type ScanWithPlanes } from '../core/scan/scan.ts';
import { planeFile, RECORD_FILE } from './conversion-task.ts';
import { type ConverterChildren, convertInChild, freshChildren } from './convert-in-child.ts';
import type { Conversion } from './in-process.ts';

export { type Conversion, runInProcess } from './in-process.ts';

export interface GuardedConversion extends Conversion {
  /** An empty folder of this conversion's own; planes and record are left in it. */
  readonly workDir: string;
  /** Gets what the child wrote on its error stream, cut to a few KiB. */
  readonly log?: { warn(fields: object, message: string): void };
  /** Where its process comes from; one of its own unless given. */
  readonly children?: ConverterChildren;
  /** Sender of the files; the process may have converted files of this sender before. By default, a new process. */
  readonly sender?: string;
  /** Ends it. */
  readonly signal?: AbortSignal;
}

/**
 * Converts in a child process that is killed when it takes too long or too much memory, and checks what it returns. Files
 * that ended their process are rejected at once for a while.
 * @throws NII_LIMIT_TIME, NII_LIMIT_MEMORY, NII_CONVERTER_CRASHED, every code the converter rejects with, and the signal's reason
 */
export async function runConverter(conversion: GuardedConversion): Promise<ScanWithPlanes> {
  const { scan, planes, close } = await convertToFiles(conversion);
  try {
    const all = [...planes].map(([key, plane]): [string, Uint8Array] => [key, wholePlane(plane)]);
    return { scan, planes: new Map(all) };
  } finally {
    close();
  }
}

/** A converted scan whose samples lie in files; they may be read until it is closed. */
export interface ScanInFiles extends ScanWithSources {
  close(): void;
}

/** The same, with the samples left in the files of `workDir`: for scans that do not fit into memory. */
export async function convertToFiles(conversion: GuardedConversion): Promise<ScanInFiles> {
  await convert(conversion);
  const record = await readRecord(conversion.workDir);
  const opened = openPlanes(record, conversion);
  const close = () => {
    for (const plane of opened.values()) plane.close();
  };
  try {
    return { ...checkScan({ scan: record, planes: opened }, conversion.limits), close };
  } catch (error) {
    close();
    throw error;
  }
}

async function convert({ workDir, log, signal, children = freshChildren, ...conversion }: GuardedConversion) {
  const work = nameOf(conversion);
  children.fatal?.rejectKnown(work);
  const child = await children.take(conversion.converter, conversion.sender);
  try {
    await convertInChild(child, conversion, workDir, signal);
  } catch (error) {
    // earlier scans of a sender may have left a process with little memory, or broken: a new one gets another try
    if (conversion.sender === undefined || isNiiError(error, 'NII_LIMIT_TIME'))
      children.fatal?.note(work, error);
    throw error;
  } finally {
    await children.release(child);
    const { output } = child;
    if (output !== '')
      log?.warn({ converter: conversion.converter.manifest.id, stderr: output }, 'converter complained');
  }
}

function nameOf({ converter: { manifest }, files }: Conversion): string {
  return [manifest.id, manifest.version, ...files.map(({ sha256 }) => sha256).toSorted()].join(' ');
}

async function readRecord(workDir: string): Promise<NiiScan> {
  // checkScan holds it against the schema before anything is believed.
  return JSON.parse(await readFile(join(workDir, RECORD_FILE), 'utf8')) as NiiScan;
}

/** @throws NII_CONVERTER_INCONSISTENT by checkScan where the record names a channel without a file */
function openPlanes(scan: NiiScan, { workDir }: GuardedConversion): ReadonlyMap<string, PlaneFile> {
  const paths = channelsOf(scan).map(({ key }) => ({ key, path: join(workDir, planeFile(key)) }));
  const present = paths.filter(({ path }) => existsSync(path));
  return new Map(present.map(({ key, path }) => [key, openPlaneFile(path)]));
}

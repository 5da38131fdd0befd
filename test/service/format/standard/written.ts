import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isNiiError } from '../../../../src/core/errors.ts';
import { defaultLimits } from '../../../../src/core/limits.ts';
import { planeInMemory } from '../../../../src/core/scan/plane-source.ts';
import {
  type Channel,
  channelsOf,
  type NiiScan,
  type ScanWithPlanes,
  type View,
} from '../../../../src/core/scan/scan.ts';
import type { ChannelFormat } from '../../../../src/format/channel-formats.ts';
import { dicosIds } from '../../../../src/format/dicos/ids.ts';
import { encodeTdr, type TdrInput } from '../../../../src/format/dicos/tdr.ts';
import { exportChannel } from '../../../../src/format/export.ts';
import { fixturesOfAll } from '../../../../src/tools/contract/contract.ts';
import type { Fixture } from '../../../../src/tools/contract/fixtures.ts';
import { contractLimits, type Outcome, outcomeOf } from '../../../../src/tools/contract/subject.ts';
import { ids } from '../../../support/scan.ts';
import { installed } from '../../../support/staging.ts';

/** A scan that some converter made of one of its fixtures. */
export interface FixtureScan extends ScanWithPlanes {
  readonly converter: string;
  readonly name: string;
}

/** A channel written as a file. */
export interface WrittenChannel {
  readonly scan: NiiScan;
  readonly view: View;
  readonly channel: Channel;
  readonly plane: Uint8Array;
  /** From 1, of all channels of the scan. */
  readonly number: number;
  readonly path: string;
}

type Files = Fixture['files'];

/**
 * Every scan with samples of every fixture of every installed package: a new package is covered by being there. A test
 * may put other samples into the files of a package.
 */
export async function fixtureScans(
  folder: string,
  change: (converter: string, files: Files) => Files = (_, files) => files,
): Promise<readonly FixtureScan[]> {
  const place = { all: installed, folder, limits: contractLimits };
  const found: FixtureScan[] = [];
  for (const [id, fixtures] of await fixturesOfAll(installed)) {
    for (const { name, files } of fixtures) {
      const scans = scansIn(await outcomeOf(place, change(id, files))).filter(
        ({ planes }) => planes.size > 0,
      );
      found.push(...scans.map((scan, i) => ({ ...scan, converter: id, name: `${id}-${name}-${i}` })));
    }
  }
  return found;
}

function scansIn(outcome: Outcome): readonly ScanWithPlanes[] {
  if (outcome.kind === 'several') return outcome.parts.flatMap(scansIn);
  return outcome.kind === 'scan' ? [outcome.result] : [];
}

/** What a format made of every channel, and the code and reason for those that it cannot hold. */
export async function writeAll(scans: readonly FixtureScan[], format: ChannelFormat, folder: string) {
  mkdirSync(folder, { recursive: true });
  const written: WrittenChannel[] = [];
  const refused: { readonly channel: Channel; readonly code: string }[] = [];
  for (const { scan, planes, name } of scans) {
    for (const [i, { view, channel, key }] of channelsOf(scan).entries()) {
      const plane = planes.get(key) ?? new Uint8Array();
      const input = { scan, viewId: view.id, channelId: channel.id, plane: planeInMemory(plane), ids };
      try {
        for await (const file of exportChannel({ ...input, format, limits: defaultLimits })) {
          const path = join(folder, `${name}-${file.name}`);
          writeFileSync(path, file.bytes);
          written.push({ scan, view, channel, plane, number: i + 1, path });
        }
      } catch (error) {
        if (!isNiiError(error)) throw error;
        refused.push({ channel, code: error.code });
      }
    }
  }
  return { written, refused };
}

/** A report of each kind over a scan, with a box in its first view. */
export function writeReports({ scan, name }: FixtureScan, folder: string): readonly WrittenReport[] {
  mkdirSync(folder, { recursive: true });
  const view = scan.views[0]?.id ?? '';
  const box = { view, rowFrom: 1, rowTo: 3, columnFrom: 2, columnTo: 6 };
  const common = {
    scan,
    decidedAt: '2026-03-04T05:07:00Z',
    processingMs: 1500,
    references: dicosIds.dxReferences(scan, ids),
    ids,
    instance: 'one',
  };
  const algorithm = { manufacturer: 'maker', name: 'anomaly', version: '1' };
  const findings = [{ label: 'block', box, mask: new Uint8Array(8).fill(1), percentile: 99 }];
  const inputs: readonly TdrInput[] = [
    { ...common, type: 'MACHINE', decision: 'ALARM', algorithm, findings },
    { ...common, type: 'MACHINE', decision: 'UNKNOWN', abort: 'UNKNOWN_DATATYPE', findings: [] },
    {
      ...common,
      type: 'OPERATOR',
      decision: 'CLEAR',
      operator: { id: 'a7' },
      findings: [],
      screening: 'RANDOM',
    },
    { ...common, type: 'GROUND TRUTH', decision: 'ALARM', operator: { id: 's1' }, findings },
  ];
  return inputs.map((input, i) => {
    const path = join(folder, `${name}-${i}.dcs`);
    writeFileSync(path, encodeTdr(input).bytes);
    return { input, path };
  });
}

export interface WrittenReport {
  readonly input: TdrInput;
  readonly path: string;
}

import { expectations } from '../core/expectations.ts';
import { channelsOf, type NiiScan, type ScanWithPlanes } from '../core/scan.ts';
import type { Check } from './compare.ts';
import type { Scene } from './kit-schema.ts';
import { type Outcome, sha256 } from './subject.ts';
import { upright } from './upright.ts';

/** Holds a record against the scene it shows. `reader`: who must have read it; anybody unless given. */
export function sceneChecks(scene: Scene, outcome: Outcome, reader: string | undefined): readonly Check[] {
  const verdict = verdictOf(outcome);
  const first = check('verdict', 'scan', verdict, verdict === 'scan');
  if (outcome.kind !== 'scan') return [first];
  const { result, group } = outcome;
  const { scan } = result;
  const found = scan.units.flatMap(({ containers }) => containers.map(({ value }) => value)).toSorted();
  const containers = scene.containers.toSorted();
  const defects = defectsOf(scan);
  return [
    first,
    ...(reader === undefined
      ? []
      : [check('converter', reader, group.converter.id, group.converter.id === reader)]),
    check('containers', containers, found, String(containers) === String(found)),
    ...(scene.acquired === undefined
      ? []
      : [check('acquired', scene.acquired, scan.acquired.utc, scan.acquired.utc === scene.acquired)]),
    ...scene.channels.flatMap((channel) => channelChecks(channel, result)),
    check('no defect in the conformance report', [], defects, defects.length === 0),
  ];
}

function check(name: string, expected: unknown, found: unknown, ok: boolean): Check {
  return { name, expected, found, ok };
}

function verdictOf(outcome: Outcome): string {
  if (outcome.kind === 'scan') return 'scan';
  return outcome.kind === 'refused' ? outcome.code : `${outcome.parts.length} scans or refusals`;
}

function channelChecks(
  wanted: Scene['channels'][number],
  { scan, planes }: ScanWithPlanes,
): readonly Check[] {
  const { kind, energy, rows, columns, sha256: hash } = wanted;
  const name = energy === undefined ? kind : `${kind} ${energy}`;
  const entry = channelsOf(scan).find(
    ({ channel }) => channel.kind === kind && (energy === undefined || channel.energy === energy),
  );
  if (entry === undefined) {
    return ['size', 'samples'].map((what) => check(`${what} of ${name}`, 'a channel', 'none', false));
  }
  const stored = planes.get(entry.key) ?? new Uint8Array();
  const turned = upright(stored, entry.channel, entry.view.display);
  const size = `${turned.rows} × ${turned.columns}`;
  const right = turned.rows === rows && turned.columns === columns;
  const found = sha256(turned.bytes);
  return [
    check(`size of ${name}`, `${rows} × ${columns}`, size, right),
    check(`samples of ${name}`, hash, found, found === hash),
  ];
}

/** Oddities that make a record one that cannot be relied on. */
function defectsOf({ warnings }: NiiScan): readonly string[] {
  const weights = new Map<string, string>(
    Object.entries(expectations).map(([code, { weight }]) => [code, weight]),
  );
  return [...new Set(warnings.map(({ code }) => code))].filter((code) => weights.get(code) === 'defect');
}

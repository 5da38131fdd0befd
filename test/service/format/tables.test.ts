import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Channel, NiiScan } from '../../../src/core/scan/scan.ts';
import { encodeDx } from '../../../src/format/dicos/dx.ts';
import { dicosIds } from '../../../src/format/dicos/ids.ts';
import { encodeTdr, type TdrInput } from '../../../src/format/dicos/tdr.ts';
import { hasDicomTools, inFolder } from '../../support/dicom-tools.ts';
import { channelOf, ids, scanOf, smooth } from '../../support/scan.ts';
import type { DcmtkElement, DcmtkJson } from './standard/tools.ts';

/**
 * The tables of NEMA IIC 1 V03 as DICOS toolkits have them: attribute, type, and when a conditional one is there.
 * Read back by dcm2json. 1: a value; 2: there, perhaps empty; 1C: a value when the condition holds, else absent.
 */
interface Row {
  readonly path: string;
  readonly type: '1' | '2' | '1C';
  readonly when?: (about: About) => boolean;
}

interface About {
  readonly kind: 'DX' | 'TDR';
  readonly intent?: 'processing' | 'presentation';
  readonly scan: NiiScan;
  readonly tdr?: TdrInput;
}

const rows = (type: '1' | '2', paths: string): readonly Row[] =>
  paths.split(' ').map((path) => ({ path, type }));
const when = (path: string, condition: (about: About) => boolean): Row => ({
  path,
  type: '1C',
  when: condition,
});

const common: readonly Row[] = [
  ...rows('1', '00080012 00080013 00080016 00080018 00080020 00080021 00080023 00080030 00080031 00080033'),
  ...rows('1', '00080060 00080070 00080080 00080081 00081010 00081090 00100020 00100021 00100022 00181000'),
  ...rows('1', '00181020 00181200 00181201 0020000D 0020000E 00200010 00200013 40101042 40101044 40101048'),
  ...rows('1', '4010103A'),
  ...rows('2', '40101064'),
  when('40101046', ({ scan }) => scan.purpose !== 'operational' && scan.purpose !== 'training'),
  when('00081110', ({ kind }) => kind === 'TDR'),
];

/** Whatever else the values mean, nobody knows how they relate to the X-rays; V03 would have LIN or LOG. */
const isLinear = ({ kind, polarity }: Channel) =>
  kind === 'transmission' && polarity === 'high-is-transparent';

const dxRows: readonly Row[] = [
  ...common,
  ...rows('1', '00080008 00080068 00180060 00188151 00200032 00200037 00280002 00280004 00280010 00280011'),
  ...rows('1', '00280100 00280101 00280102 00280103 00280301 00281041 00281052 00281053 00281054'),
  ...rows('1', '00282110 20500020 43000902'),
  ...rows('2', '00187004 00400555'),
  when('00281040', ({ scan }) => scan.views.some(({ channels }) => channels.some(isLinear))),
  when('00281050', ({ intent }) => intent === 'presentation'),
  when('00281051', ({ intent }) => intent === 'presentation'),
  when('00282112', ({ scan }) => scan.warnings.some(({ code }) => code === 'NII_W_LOSSY')),
  when('00282114', ({ scan }) => scan.warnings.some(({ code }) => code === 'NII_W_LOSSY')),
];

const alarm = ({ tdr }: About) => tdr?.decision === 'ALARM';
/** Asked of machines; here people mark places too. */
const marked = alarm;
const item = '40101011';
const tdrRows: readonly Row[] = [
  ...common,
  ...rows('1', '00200052 40101024 40101027 4010102B 40101031 40101033 40101069 4010106D'),
  ...rows('2', '00201040'),
  when('40101029', ({ tdr }) => tdr?.type === 'MACHINE'),
  when('00081072', ({ tdr }) => tdr?.type === 'OPERATOR'),
  when('00081072.00401101', ({ tdr }) => tdr?.type === 'OPERATOR'),
  when('40101021', ({ tdr }) => tdr?.abort !== undefined),
  { path: '40101034', type: '1' },
  when('4010106E', ({ tdr }) => tdr?.screening !== undefined),
  when(item, alarm),
  ...['40101010', '40101038', '40101080', '40101081', '40101082'].map((tag) => when(`${item}.${tag}`, alarm)),
  ...['40101014', '40101015'].map((tag) => when(`${item}.40101038.${tag}`, alarm)),
  when(`${item}.40101038.40101012`, alarm),
  when(`${item}.40101037`, marked),
  when(`${item}.40101037.0008114A`, marked),
  ...['00081150', '00081155'].map((tag) => when(`${item}.40101037.0008114A.${tag}`, marked)),
  ...['40101004', '40101005'].map((tag) => when(`${item}.40101037.40101001.${tag}`, marked)),
];

/** Every element at a path of tags, through all items of the sequences on the way. */
function elementsAt(json: DcmtkJson, path: string): readonly (DcmtkElement | undefined)[] {
  const [tag = '', ...rest] = path.split('.');
  const element = json[tag];
  if (rest.length === 0) return [element];
  return (element?.Value ?? []).flatMap((one) => elementsAt(one as DcmtkJson, rest.join('.')));
}

function broken(json: DcmtkJson, row: Row, about: About): boolean {
  const found = elementsAt(json, row.path);
  const hasValue = (element: DcmtkElement | undefined) =>
    (element?.Value ?? []).some((value) => value !== null && value !== '');
  if (row.type === '2') return found.some((element) => element === undefined);
  const wanted = row.type === '1' || row.when?.(about) === true;
  if (wanted) return found.length === 0 || !found.every(hasValue);
  // The operator of a search is named too, and a report without an alarm has an empty sequence.
  const isAllowed = row.path.startsWith('00081072') || (row.path === item && !found.some(hasValue));
  return !isAllowed && found.some((element) => element !== undefined);
}

const bare = () => {
  const channel = channelOf({ kind: 'unknown', polarity: 'unknown' });
  const {
    energy: _,
    nominalEnergyMev: __,
    pitch: ___,
    openBeam: ____,
    invalidValue: _____,
    ...least
  } = channel;
  return least;
};
const unnamed = { source: { format: 'x' }, acquired: { zone: 'unknown' } } as const;
const lossy = { warnings: [{ code: 'NII_W_LOSSY', message: 'lossy', value: 'ISO_10918_1' }] };

const dxCases: readonly [string, Channel, Partial<NiiScan>][] = [
  ['a full record', channelOf(), {}],
  ['a record that knows nothing', bare(), unnamed],
  ['a calibration', channelOf(), { purpose: 'calibration' }],
  ['a training scan', channelOf(), { purpose: 'training' }],
  ['samples that came with loss', channelOf({ polarity: 'high-is-opaque' }), lossy],
];

const scan = scanOf([channelOf(), channelOf({ id: 'low', energy: 'low' })]);
const box = { view: 'side', rowFrom: 2, rowTo: 10, columnFrom: 4, columnTo: 20 };
const machine: TdrInput = {
  scan,
  type: 'MACHINE',
  decision: 'ALARM',
  findings: [
    { label: 'block', box },
    { label: 'second', box },
  ],
  algorithm: { manufacturer: 'maker', name: 'anomaly', version: '1' },
  decidedAt: '2026-03-04T05:07:00Z',
  processingMs: 1500,
  references: dicosIds.dxReferences(scan, ids),
  ids,
  instance: 'one',
};
const aborts = [
  'OVERSIZE_BAG',
  'CLIPPED_BAG',
  'INCOMPLETE_SCAN',
  'FAILED_RECON',
  'TIMEOUT',
  'NOT_REVIEWED',
  'UNKNOWN_DATATYPE',
  'USER_INTERRUPT',
  'OUT_OF_BOUNDS',
] as const;
const tdrCases: readonly [string, TdrInput][] = [
  ['an alarm of a machine', machine],
  ['a clear scan', { ...machine, decision: 'CLEAR' }],
  ['an operator', { ...machine, type: 'OPERATOR', operator: { id: 'a7' }, screening: 'RANDOM' }],
  ['a search', { ...machine, type: 'GROUND TRUTH', operator: { id: 's1' } }],
  ...aborts.map((abort): [string, TdrInput] => [
    abort,
    { ...machine, decision: 'UNKNOWN', findings: [], abort },
  ]),
];

function readBack(bytes: Uint8Array): Promise<DcmtkJson> {
  return inFolder(async (folder) => {
    const path = join(folder, 'file.dcs');
    writeFileSync(path, bytes);
    return JSON.parse(execFileSync('dcm2json', [path], { encoding: 'utf8', maxBuffer: 1 << 28 }));
  });
}

const failing = (json: DcmtkJson, table: readonly Row[], about: About) =>
  table.filter((row) => broken(json, row, about)).map(({ path, type }) => `${path} (${type})`);

describe.skipIf(!hasDicomTools())('the tables of DICOS', () => {
  test.each(dxCases)('are kept by a DX of %s', async (_, channel, part) => {
    const of = scanOf([channel], part);
    for (const intent of ['processing', 'presentation'] as const) {
      const input = { scan: of, viewId: 'side', channelId: channel.id, plane: smooth(channel), ids };
      const { bytes } = await encodeDx(input, { codec: 'none', intent });
      expect(failing(await readBack(bytes), dxRows, { kind: 'DX', intent, scan: of })).toEqual([]);
    }
  });

  test.each(tdrCases)('are kept by a report: %s', async (_, tdr) => {
    const { bytes } = encodeTdr(tdr);
    const json = await readBack(bytes);
    expect(failing(json, tdrRows, { kind: 'TDR', scan, tdr })).toEqual([]);
    expect(json['40101021']?.Value).toEqual(tdr.abort === undefined ? undefined : [tdr.abort]);
    expect(json['40101031']?.Value).toEqual([tdr.decision]);
  });
});

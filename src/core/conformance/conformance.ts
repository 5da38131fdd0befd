import Type, { type Static } from 'typebox';
import { defined } from '../defined.ts';
import type { ErrorCode, Problem } from '../errors.ts';
import { isRadiationOnly } from '../radiation/radiation.ts';
import { channelKinds } from '../scan/channel-kinds.ts';
import { completenesses } from '../scan/completeness.ts';
import { type Channel, channelsOf, type NiiScan, type Warning } from '../scan/scan.ts';
import { isWarningCode } from '../warnings.ts';
import { expectations, Weight } from './expectations.ts';

const closed = { additionalProperties: false } as const;
const Text = Type.String({ maxLength: 4096 });

const FieldState = Type.Enum(['present', 'assumed', 'absent']);
export type FieldState = Static<typeof FieldState>;

const RecordField = Type.Object(
  {
    group: Type.Enum(['identification', 'time', 'scanner', 'channels', 'calibration']),
    field: Type.String({ description: 'In words that a vendor can search for' }),
    level: Type.Enum(['required', 'recommended']),
    state: FieldState,
    expected: Text,
  },
  closed,
);
export type RecordField = Static<typeof RecordField>;

const Item = Type.Object(
  {
    code: Type.String({ pattern: '^NII_[A-Z0-9_]+$' }),
    weight: Weight,
    field: Type.Optional(Text),
    value: Type.Optional(Text),
    message: Text,
    expected: Text,
    offset: Type.Optional(Type.Integer({ minimum: 0, description: 'Byte of the file' })),
  },
  closed,
);
export type ConformanceItem = Static<typeof Item>;

/**
 * What a vendor is told about its files. The verdict is by rule: failed, a defect or a required field that is absent:
 * `does-not-conform`; else a remark or a recommended field that is absent or assumed: `conforms-with-remarks`.
 */
export const ConformanceReport = Type.Object(
  {
    schemaVersion: Type.Literal('1.0'),
    scanId: Type.Optional(Type.String()),
    revision: Type.Optional(Type.Integer({ minimum: 1 })),
    verdict: Type.Enum(['pending', 'conforms', 'conforms-with-remarks', 'does-not-conform']),
    recognised: Type.Object(
      {
        converter: Type.String(),
        version: Type.String(),
        format: Type.Optional(Type.String()),
        files: Type.Array(
          Type.Object(
            { name: Text, role: Type.String(), bytes: Type.Integer(), complete: Type.Boolean() },
            closed,
          ),
        ),
      },
      closed,
    ),
    completeness: Type.Optional(Type.String()),
    share: Type.Number({
      minimum: 0,
      maximum: 1,
      description: 'Share of the expected fields that are present',
    }),
    fields: Type.Array(RecordField),
    items: Type.Array(Item, { description: 'Missing or wrong, defects first' }),
  },
  {
    $id: 'https://nii-hub.org/schemas/conformance-1.0.json',
    title: 'Conformance report of one revision',
    ...closed,
  },
);
export type ConformanceReport = Static<typeof ConformanceReport>;

/** What is known of a revision; neither record nor problem while it is not converted yet. */
export interface Conformed {
  readonly scanId?: string;
  readonly revision?: number;
  readonly converter: { readonly id: string; readonly version: string };
  readonly originals: readonly {
    readonly name: string;
    readonly role: string;
    readonly bytes: number;
    readonly complete: boolean;
  }[];
  readonly scan?: NiiScan;
  readonly problem?: Problem;
}

/** The report of a revision. Pure: the same revision gives the same report. */
export function conformanceOf(revision: Conformed): ConformanceReport {
  const { scanId, scan, problem, converter } = revision;
  const fields = scan === undefined ? [] : fieldsOf(scan);
  const items = byWeight([
    ...(problem === undefined ? [] : [failure(problem)]),
    ...(scan?.warnings ?? []).map(itemOf),
  ]);
  const present = fields.filter(({ state }) => state === 'present').length;
  return {
    schemaVersion: '1.0',
    ...defined({ scanId, revision: revision.revision }),
    verdict: scan === undefined && problem === undefined ? 'pending' : verdictOf(fields, items),
    recognised: {
      converter: converter.id,
      version: converter.version,
      ...defined({ format: scan?.source.format }),
      files: revision.originals.map(({ name, role, bytes, complete }) => ({ name, role, bytes, complete })),
    },
    ...defined({ completeness: scan?.completeness }),
    share: fields.length === 0 ? 0 : Math.round((present / fields.length) * 100) / 100,
    fields,
    items,
  };
}

function verdictOf(
  fields: readonly RecordField[],
  items: readonly ConformanceItem[],
): ConformanceReport['verdict'] {
  const lacks = fields.some(({ level, state }) => level === 'required' && state === 'absent');
  if (lacks || items.some(({ weight }) => weight === 'defect')) return 'does-not-conform';
  const open = fields.some(({ state }) => state !== 'present');
  return open || items.some(({ weight }) => weight === 'remark') ? 'conforms-with-remarks' : 'conforms';
}

const order: Readonly<Record<Weight, number>> = { defect: 0, remark: 1, note: 2 };

function byWeight(items: readonly ConformanceItem[]): ConformanceItem[] {
  return items.toSorted((a, b) => order[a.weight] - order[b.weight]);
}

function itemOf({ code, field, value, message }: Warning): ConformanceItem {
  const { weight, expected } = isWarningCode(code) ? expectations[code] : unknownOddity;
  return {
    code,
    weight,
    ...defined({ field, value }),
    message,
    expected,
  };
}

/** Of a mounted converter or of a later version, which may know more codes. */
const unknownOddity = { weight: 'remark', expected: 'See the README of the converter' } as const;

function failure({ code, title, detail, offset, field }: Problem): ConformanceItem {
  return {
    code,
    weight: 'defect',
    ...defined({ field }),
    message: detail === '' ? title : `${title}. ${detail}`,
    expected: remedies[code] ?? 'A file of the format that it was recognised as',
    ...defined({ offset }),
  };
}

const remedies: Readonly<Partial<Record<ErrorCode, string>>> = {
  NII_TRUNCATED: 'As many bytes as the header of the file says; send a file once it is written',
  NII_UNSUPPORTED_VARIANT: 'A variant that docs/reference/formats.md lists, or an export in an open format',
  NII_LIMIT_PIXELS: 'Dimensions within the limit, or a higher limit set by the operator of the service',
  NII_LIMIT_TIME: 'A file that converts within the limit of the service; the operator may raise it',
  NII_LIMIT_MEMORY: 'A file that converts within the limit of the service; the operator may raise it',
  NII_CONVERTER_CRASHED: 'Nothing of the sender: tell the keeper of the converter',
  NII_CONVERTER_INCONSISTENT: 'Nothing of the sender: tell the keeper of the converter',
};

/* ---- How complete the record is ---------------------------------------------------------------------------- */

type Ask = Pick<RecordField, 'group' | 'field' | 'level' | 'expected'> & {
  readonly state: (scan: NiiScan) => FieldState;
};

const is = (present: boolean): FieldState => (present ? 'present' : 'absent');
const stated = (value: string | undefined): FieldState => is(value !== undefined && value !== '');

/** Every field that is asked of a scan with an image; the share in the report is of these. */
const asks: readonly Ask[] = [
  {
    group: 'identification',
    field: 'container number, plate or other mark of what was scanned',
    level: 'recommended',
    expected: 'What the object of inspection is called: ISO 6346 number, plate, wagon number, bag tag',
    state: ({ units }) =>
      is(units.some(({ containers, plates }) => containers.length > 0 || plates.length > 0)),
  },
  {
    group: 'identification',
    field: 'where each unit lies in the image, if there are several',
    level: 'recommended',
    expected: 'A range of columns for each container or wagon',
    state: ({ units }) =>
      is(
        units.length < 2 ||
          units.every(({ extent }) => extent !== undefined && extent.estimated === undefined),
      ),
  },
  {
    group: 'time',
    field: 'date and time of the acquisition',
    level: 'required',
    expected: 'Date and time to the second',
    state: ({ acquired }) => stated(acquired.utc),
  },
  {
    group: 'time',
    field: 'time zone',
    level: 'recommended',
    expected: 'UTC, or an offset from UTC',
    state: ({ acquired: { zone } }) =>
      zone === 'stated' ? 'present' : zone === 'assumed-utc' ? 'assumed' : 'absent',
  },
  ...(['manufacturer', 'model', 'serial', 'software', 'site'] as const).map(
    (name): Ask => ({
      group: 'scanner',
      field: name === 'serial' ? 'serial number' : name,
      level: 'recommended',
      expected: `The ${name === 'serial' ? 'serial number' : name} of the scanner`,
      state: ({ source }) => stated(source[name]),
    }),
  ),
  {
    group: 'channels',
    field: 'detector values',
    level: 'required',
    expected: 'At least one channel that the detector measured, not only a rendered picture',
    state: (scan) => is(measured(scan).length > 0),
  },
  {
    group: 'channels',
    field: 'every file whole',
    level: 'required',
    expected: 'As many bytes in each file as its header says',
    state: ({ originals }) => is(originals.every(({ complete }) => complete)),
  },
  {
    group: 'channels',
    field: 'two energies',
    level: 'recommended',
    expected: 'High and low energy of a dual-energy scanner',
    state: ({ completeness }) => is(completenesses[completeness].hasBothEnergies),
  },
  {
    group: 'calibration',
    field: 'pixel pitch',
    level: 'recommended',
    expected: 'Millimetres between rows and between columns',
    state: (scan) => pitchState(measured(scan)),
  },
  {
    group: 'calibration',
    field: 'open beam',
    level: 'recommended',
    expected: 'The value of the unobstructed beam',
    state: (scan) => everyState(measured(scan), ({ openBeam }) => openBeam !== undefined),
  },
  {
    group: 'calibration',
    field: 'polarity',
    level: 'recommended',
    expected: 'Whether a high value is transparent or opaque',
    state: (scan) => everyState(measured(scan), ({ polarity }) => polarity.startsWith('high-is-')),
  },
];

/** A radiation portal measures no image, so nothing of channels is asked of it. */
const portalAsks: readonly Ask[] = [
  ...asks.filter(
    ({ group }) => group !== 'channels' && group !== 'calibration' && group !== 'identification',
  ),
  {
    group: 'identification',
    field: 'container number or plate of what passed',
    level: 'recommended',
    expected: 'What passed the portal, so that its image is found by more than the time',
    state: ({ units }) =>
      is(units.some(({ containers, plates }) => containers.length > 0 || plates.length > 0)),
  },
  {
    group: 'calibration',
    field: 'background',
    level: 'recommended',
    expected: 'Counts of each detector without a vehicle',
    state: ({ radiation = [] }) =>
      is(radiation.every(({ counts }) => counts.some((one) => one.class === 'background'))),
  },
];

function fieldsOf(scan: NiiScan): RecordField[] {
  const wanted = isRadiationOnly(scan) ? portalAsks : asks;
  return wanted.map(({ state, ...ask }) => ({ ...ask, state: state(scan) }));
}

function measured(scan: NiiScan): readonly Channel[] {
  return channelsOf(scan)
    .map(({ channel }) => channel)
    .filter(({ kind }) => channelKinds[kind].measured === 'yes');
}

function everyState(channels: readonly Channel[], test: (channel: Channel) => boolean): FieldState {
  return is(channels.length > 0 && channels.every(test));
}

function pitchState(channels: readonly Channel[]): FieldState {
  const known = everyState(channels, ({ pitch }) => pitch !== undefined);
  return known === 'present' && channels.some(({ pitch }) => pitch?.source === 'assumed') ? 'assumed' : known;
}

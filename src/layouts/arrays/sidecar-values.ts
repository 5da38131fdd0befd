import { defined } from '../../core/defined.ts';
import type { Json } from '../../core/scan/scan.ts';
import type { Converted, ConverterFile, InspectionUnit, Sdk } from '../../sdk/sdk.ts';
import { VIEW } from './parts.ts';
import { type NumpySidecar, parseSidecar } from './sidecar.ts';

/** What the JSON files beside the samples of a scan say: the one that describes them, and others that are kept. */
export interface SidecarFiles {
  readonly sidecar: NumpySidecar | undefined;
  readonly vendor: Readonly<Record<string, Json>>;
  readonly unused: readonly ConverterFile[];
}

export function sidecarOf(files: readonly ConverterFile[], sdk: Sdk): SidecarFiles {
  const read = files
    .filter(({ role }) => role === 'sidecar')
    .map((file) => ({ file, json: sdk.json(file) }))
    .map(({ file, json }) => ({ file, json, sidecar: parseSidecar(json, file.name) }));
  const sidecars = read.filter(({ sidecar }) => sidecar !== undefined);
  if (sidecars.length > 1) throw sdk.error('NII_MALFORMED', 'the array has more than one sidecar');
  const unused = read.filter(({ sidecar }) => sidecar === undefined).map(({ file }) => file);
  for (const { name } of unused) sdk.warn('NII_W_FILE_UNUSED', { field: name });
  return {
    sidecar: sidecars[0]?.sidecar,
    vendor: Object.fromEntries(read.map(({ file, json }) => [file.name, json])),
    unused,
  };
}

export function acquiredOf(sidecar: NumpySidecar | undefined, sdk: Sdk): Converted['acquired'] {
  const acquired = sidecar?.acquired;
  if (acquired === undefined) return { zone: 'unknown' };
  return typeof acquired === 'string' ? sdk.timeText(acquired) : acquired;
}

/** Purpose, what is carried, and why it was chosen. */
export function circumstancesOf(
  sidecar: NumpySidecar | undefined,
): Pick<Converted, 'purpose' | 'consignments' | 'control'> {
  const { purpose, consignments, control } = sidecar ?? {};
  return defined({ purpose, consignments, control });
}

/** @throws NII_MALFORMED for a unit that lies outside of the columns of the picture */
export function unitsOf(
  sidecar: NumpySidecar | undefined,
  pictureColumns: number,
  sdk: Sdk,
): readonly InspectionUnit[] {
  const numbers = (written: readonly string[]) => sdk.containers(written.join(','), 'manifest', 'containers');
  if (sidecar?.units === undefined) return sdk.units(numbers(sidecar?.containers ?? []));
  for (const [i, { columns }] of sidecar.units.entries()) {
    if (columns.from < columns.to && columns.to <= pictureColumns) continue;
    const detail = `units/${i}/columns: ${columns.from} to ${columns.to} of ${pictureColumns} columns`;
    throw sdk.error('NII_MALFORMED', detail);
  }
  return sidecar.units.map(({ container, wagon, columns, sizeType, ...unit }, i) => ({
    ...unit,
    id: `unit-${i + 1}`,
    kind: unit.kind ?? kindOf(container, wagon),
    extent: { view: VIEW, axis: 'columns', ...columns },
    containers:
      container === undefined
        ? []
        : numbers([container]).map((number) => ({ ...number, ...defined({ sizeType }) })),
    plates: [...(wagon === undefined ? [] : [sdk.wagon(wagon, `units/${i}/wagon`)]), ...(unit.plates ?? [])],
    declarations: unit.declarations ?? [],
    seals: unit.seals ?? [],
  }));
}

function kindOf(container: string | undefined, wagon: string | undefined): InspectionUnit['kind'] {
  if (wagon !== undefined) return 'wagon';
  return container === undefined ? 'unknown' : 'container';
}

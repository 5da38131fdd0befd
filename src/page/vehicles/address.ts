import { containerState, normaliseContainer } from '../../core/check-digits.ts';
import { type Mark, MarkKind, markOf } from '../../core/rules/vehicle-hold.ts';

/** What a vehicle is known by at a site. */
export interface VehicleAddress {
  readonly site: string;
  readonly kind: MarkKind;
  readonly mark: string;
}

/** The path of the page of a vehicle. */
export function vehiclePath({ site, kind, mark }: VehicleAddress): string {
  return `/vehicles/${encodeURIComponent(site)}/${kind}/${encodeURIComponent(mark)}`;
}

/** Undefined for another path. */
export function vehicleAt(path: string): VehicleAddress | undefined {
  const [, site, kind, mark] = /^\/vehicles\/([^/]+)\/(container|visit|plate)\/([^/]+)$/.exec(path) ?? [];
  const known = MarkKind.enum.find((one) => one === kind);
  if (site === undefined || mark === undefined || known === undefined) return undefined;
  return { site: decodeURIComponent(site), kind: known, mark: decodeURIComponent(mark) };
}

/** Whatever has the form of a container number is one; the rest is a visit, from which the page leads on to a plate. Both as the service compares them. */
export function markFrom(written: string): Pick<VehicleAddress, 'kind' | 'mark'> {
  const mark = normaliseContainer(written);
  return { kind: containerState(mark) === 'not-iso6346' ? 'visit' : 'container', mark };
}

/** What somebody may mean who writes a mark without its kind. */
export function marksFrom(written: string): readonly Mark[] {
  const kinds =
    markFrom(written).kind === 'container' ? (['container'] as const) : (['plate', 'visit'] as const);
  return kinds.map((kind) => markOf(kind, written)).filter(({ value }) => value !== '');
}

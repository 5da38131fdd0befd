import { useEffect, useMemo, useState } from 'react';
import type { Box } from '../../../core/case/box.ts';
import type { ReadingLog } from '../reading/reading-log.ts';
import type { FindingsOfScan, MissingAnalysis, VendorFindings } from './load.ts';
import { type MarkedPlace, mergeFindings } from './merge.ts';

/** A model that marked something in the view. */
interface Marker {
  readonly model: string;
  readonly count: number;
  readonly isHidden: boolean;
}

/** A place that an algorithm of the vendor marked. */
export interface VendorPlace {
  readonly name: string;
  readonly label: string;
  readonly box: Box;
}

/** Findings of models and of vendors in one view, and which of them are on the picture. */
export interface VisibleFindings {
  /** Of all; undefined until that is known. */
  readonly count: number | undefined;
  /** Whether there is anything to show: a vendor may have said something without a place. */
  readonly isAnything: boolean;
  /** Off until somebody asks for them, those of vendors as those of models. */
  readonly areShown: boolean;
  readonly toggle: () => void;
  readonly markers: readonly Marker[];
  readonly vendors: readonly (VendorFindings & { readonly isHidden: boolean })[];
  /** @param name - of a model, or of a vendor's algorithm */
  readonly toggleOne: (kind: Kind, name: string) => void;
  readonly silent: readonly MissingAnalysis[];
  readonly places: readonly MarkedPlace[];
  readonly vendorPlaces: readonly VendorPlace[];
  /** What absorbs most in holds that seem free else; no model says so. */
  readonly residuals: readonly Box[];
}

type Kind = 'model' | 'vendor';

const nothing: FindingsOfScan = { findings: [], silent: [], vendors: [], emptiness: undefined };
/** Larger goods need no box to be seen. */
const LARGEST_BOXED_MM2 = 2_000_000;

/** @param all - undefined until it is known */
export function useVisibleFindings(
  all: FindingsOfScan | undefined,
  viewId: string,
  log: ReadingLog,
): VisibleFindings {
  const { findings, vendors, silent, emptiness } = all ?? nothing;
  const [areShown, show] = useState(false);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const found = useMemo(
    () => findings.filter(({ finding }) => finding.box.view === viewId),
    [findings, viewId],
  );
  const marked = useMemo(
    () => mergeFindings(found.filter(({ model }) => !hidden.has(keyOf('model', model)))),
    [found, hidden],
  );
  const vendorMarked = useMemo(
    () =>
      vendors
        .filter(({ name }) => !hidden.has(keyOf('vendor', name)))
        .flatMap((one) => placesOf(one, viewId)),
    [vendors, hidden, viewId],
  );
  const isAnything = found.length + vendors.length > 0;
  // what a vendor decided stands in its button
  const isAnythingShown = areShown && (marked.length > 0 || vendors.length > 0);
  useEffect(() => {
    if (isAnything) log.findings(isAnythingShown ? 'shown' : 'not-shown');
  }, [isAnything, isAnythingShown, log]);
  const models = [...new Set(found.map(({ model }) => model))];
  const residuals = useMemo(() => residualsIn(emptiness, viewId), [emptiness, viewId]);
  const ofVendors = vendors.flatMap((one) => placesOf(one, viewId)).length;
  return {
    count: all === undefined ? undefined : found.length + ofVendors + residuals.length,
    isAnything: isAnything || residuals.length > 0,
    areShown,
    toggle: () => show((before) => !before),
    markers: models.map((model) => ({
      model,
      count: found.filter((one) => one.model === model).length,
      isHidden: hidden.has(keyOf('model', model)),
    })),
    vendors: vendors.map((one) => ({ ...one, isHidden: hidden.has(keyOf('vendor', one.name)) })),
    toggleOne: (kind, name) => setHidden((before) => turned(before, keyOf(kind, name))),
    silent,
    places: areShown ? marked : [],
    vendorPlaces: areShown ? vendorMarked : [],
    residuals: areShown ? residuals : [],
  };
}

function residualsIn(emptiness: FindingsOfScan['emptiness'], viewId: string): readonly Box[] {
  return (emptiness?.units ?? []).flatMap(({ looks, largest }) => {
    const isShown = looks !== 'empty' && largest?.box.view === viewId && largest.areaMm2 <= LARGEST_BOXED_MM2;
    return isShown ? [largest.box] : [];
  });
}

function keyOf(kind: Kind, name: string): string {
  return `${kind} ${name}`;
}

function turned(before: ReadonlySet<string>, key: string): ReadonlySet<string> {
  return new Set(before.has(key) ? [...before].filter((one) => one !== key) : [...before, key]);
}

function placesOf({ name, findings }: VendorFindings, viewId: string): readonly VendorPlace[] {
  return findings.flatMap(({ label, box }) => (box?.view === viewId ? [{ name, label, box }] : []));
}

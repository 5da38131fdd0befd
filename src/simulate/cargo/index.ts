import type { Random } from '../random.ts';
import type { Part, Rect } from '../scene/shapes.ts';
import { bottles, cartons, electronics, fruit, tobacco } from './boxed.ts';
import { furniture, sacks, scrap, textile, timber } from './bulk.ts';
import { cars, machinery, tiles } from './heavy.ts';
import { cableReels, drums, paperRolls, steelCoils, steelProfiles, tyres } from './round.ts';

export interface Cargo {
  /** As a declaration would word it. */
  readonly goods: string;
  readonly load: (random: Random, hold: Rect) => Part[];
  /** Like units in order, so that one that is missing shows. In a heap or among unlike pieces a gap is normal. */
  readonly regular?: true;
}

/** Every kind of cargo the simulator can load. */
export const cargoes = {
  empty: { goods: 'EMPTY', load: () => [] },
  cartons: { goods: 'CONSUMER GOODS IN CARTONS', load: cartons, regular: true },
  sacks: { goods: 'COMMODITIES IN BAGS', load: sacks, regular: true },
  drums: { goods: 'LIQUIDS IN STEEL DRUMS', load: drums, regular: true },
  tiles: { goods: 'CERAMIC TILES ON PALLETS', load: tiles, regular: true },
  timber: { goods: 'SAWN TIMBER', load: timber },
  machinery: { goods: 'MACHINERY', load: machinery },
  textile: { goods: 'TEXTILES IN BALES', load: textile, regular: true },
  tyres: { goods: 'TYRES', load: tyres, regular: true },
  bottles: { goods: 'BEVERAGES IN BOTTLES', load: bottles, regular: true },
  'paper-rolls': { goods: 'PAPER IN REELS', load: paperRolls, regular: true },
  'steel-coils': { goods: 'STEEL COILS', load: steelCoils, regular: true },
  'steel-profiles': { goods: 'STEEL BARS AND PROFILES', load: steelProfiles },
  fruit: { goods: 'FRESH FRUIT', load: fruit, regular: true },
  electronics: { goods: 'ELECTRICAL APPLIANCES', load: electronics, regular: true },
  tobacco: { goods: 'CIGARETTES', load: tobacco, regular: true },
  scrap: { goods: 'METAL SCRAP', load: scrap },
  furniture: { goods: 'HOUSEHOLD FURNITURE', load: furniture },
  cars: { goods: 'USED VEHICLES', load: cars },
  'cable-reels': { goods: 'CABLE ON REELS', load: cableReels, regular: true },
} as const satisfies Readonly<Record<string, Cargo>>;

export type CargoKind = keyof typeof cargoes;

export const cargoKinds = Object.keys(cargoes) as readonly CargoKind[]; // the keys of the literal above

export function isRegular(kind: CargoKind): boolean {
  const { regular }: Cargo = cargoes[kind];
  return regular === true;
}

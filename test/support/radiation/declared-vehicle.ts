import type { Declaration } from '../../../src/core/case/declaration.ts';
import type { Evidence } from '../../../src/triage/holds/evidence.ts';

/** Tiles, potassium salts and three sources, stated by customs. */
export const declaration: Declaration = {
  administration: 'xx',
  site: 'port-a',
  ref: 'L-7',
  body: {
    containers: ['MSKU1234565'],
    hsCodes: ['690721', '310420'],
    dangerousGoods: [{ unNumber: '2915', nuclides: ['Cs-137', 'Cf-252', 'U-235'] }],
  },
  version: 1,
  updatedAt: '2026-01-02T01:00:00.000Z',
  statedBy: ['customs'],
};

/** All that the service can know of a vehicle with these goods. */
export const declaredVehicle: Evidence = {
  declarations: [declaration],
  named: declaration,
  marks: ['container MSKU1234565'],
  portalNuclides: [],
  spectrum: {
    receivedAt: '2026-01-02T03:04:00.000Z',
    isOwn: false,
    isMeasured: true,
    nuclides: ['Tc-99m'],
  },
};

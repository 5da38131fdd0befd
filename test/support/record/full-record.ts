import type { NiiScan } from '../../../src/core/scan/scan.ts';
import { channelOf, scanOf } from '../scan.ts';

/**
 * A record in which every field of facts of place, scanner, object of inspection, trade and control is set. Each name and
 * number is invented; the texts of people begin with "person", those of traders with "trade".
 */
export function fullRecord(): NiiScan {
  const at = { written: '2026-03-04 04:05:06', utc: '2026-03-04T04:05:06.000Z', zone: 'stated' as const };
  return scanOf(
    [
      channelOf({
        sha256: 'c'.repeat(64),
        label: 'person-label',
        rescale: { slope: 0.5, intercept: -12, units: 'mm' },
      }),
    ],
    {
      schemaVersion: '1.2',
      source: {
        format: 'fake',
        manufacturer: 'Fabrik',
        model: 'R-1',
        serial: '7',
        software: '4.2',
        scannerId: 'lane-2',
        site: 'harbour',
        lane: '3',
        visit: 'V-17',
        place: {
          country: 'NL',
          administration: 'Utopia Customs',
          customsOffice: 'NL000396',
          locode: 'NLRTM',
          coordinates: { latitude: 51.95, longitude: 4.13 },
          zone: 'Europe/Amsterdam',
        },
        scanner: {
          type: 'relocatable',
          energiesMev: [6, 4],
          geometry: { sourceToDetectorMm: 11_000, sourceToObjectMm: 6000, beam: 'fan' },
          scanDirection: 'object-forward',
          speedMetresPerSecond: 0.4,
          doseMicrosievert: 4.5,
          calibratedAt: at,
          imageQuality: [
            {
              standard: 'IEC 62523',
              edition: '2010',
              testPiece: 'steel wedge',
              measure: 'steel penetration',
              energyMev: 6,
              result: '320 mm',
              passed: true,
              at,
            },
          ],
        },
      },
      units: [
        {
          id: 'unit-1',
          kind: 'container',
          extent: { view: 'side', axis: 'columns', from: 2, to: 30, estimated: { uncertainty: 1 } },
          containers: [
            {
              value: 'CSQU3054383',
              written: 'CSQU 305438-3',
              state: 'valid',
              source: 'ocr',
              confidence: 99,
              sizeType: '22G1',
            },
          ],
          plates: ['person-plate'],
          plateDetails: [{ number: 'person-plate', country: 'NL' }],
          declarations: ['trade-declaration'],
          seals: ['trade-seal'],
          sealDetails: [
            {
              number: 'trade-seal',
              class: 'H',
              issuer: 'trade-line',
              condition: 'intact',
              events: [{ type: 'opened', at, written: 'OPEN 04:05' }],
            },
          ],
          tareKg: 2230,
          verifiedGrossMassKg: 24_000,
          unNumbers: ['1203'],
          description: 'trade-goods of person-trader',
        },
      ],
      attachments: [
        {
          name: 'person-plate.jpg',
          kind: 'picture',
          mediaType: 'image/jpeg',
          bytes: 1,
          sha256: 'b'.repeat(64),
        },
      ],
      originals: [
        { name: 'trade-CSQU3054383.img', role: 'high', bytes: 12, sha256: 'a'.repeat(64), complete: true },
        { name: 'person-plate.jpg', role: 'picture', bytes: 1, sha256: 'b'.repeat(64), complete: true },
      ],
      warnings: [
        { code: 'NII_W_FIELD_SWAPPED', field: 'name_vessel', value: 'person-plate', message: 'person-plate' },
      ],
      history: [
        {
          kind: 'acquisition',
          type: '1',
          start: at,
          end: at,
          operator: 'person-operator',
          workstation: 'person-desk',
          system: 'S',
          site: 'harbour',
          verdict: 'OK',
          marks: 2,
        },
      ],
      consignments: [
        {
          units: ['unit-1'],
          mrn: '26NLTRADE00000017',
          ucr: '6NL123456789-trade',
          procedure: '40 00',
          hsEdition: 2022,
          items: [
            {
              hs: '847130',
              description: 'trade-laptops',
              origin: 'CN',
              grossMassKg: 1200,
              packages: { count: 40, type: 'CT', marks: 'trade-marks' },
              unNumber: '3481',
            },
          ],
          parties: [
            {
              role: 'consignee',
              name: 'person-trader',
              id: 'trade-eori',
              country: 'NL',
              aeo: { certificate: 'trade-aeo', type: 'AEOS', mutuallyRecognised: true },
            },
          ],
          transportDocuments: [{ type: 'bill-of-lading', number: 'trade-BL-1', issued: '2026-02-01' }],
          means: [
            {
              mode: '1',
              name: 'trade-vessel',
              imo: '9074729',
              registration: 'person-registration',
              nationality: 'PA',
              journey: 'trade-012W',
            },
          ],
          route: [{ point: 'unloading', locode: 'NLRTM', country: 'NL', customsOffice: 'NL000396', at }],
        },
      ],
      control: {
        selectivity: { reference: 'trade-S-1', channel: 'red', result: 'R12' },
        steps: [
          { step: 'scan', id: 'trade-C-1', type: '20', result: 'A1', at, officer: 'person-officer' },
          { step: 'search', id: 'trade-C-2', previous: 'trade-C-1' },
        ],
        recognisedFrom: 'BE',
      },
      vendor: { 'a.xml': { OPERATOR: 'person-operator', LINE: 'trade-line' } },
    },
  );
}

import { expect, it } from 'vitest';
import { runInProcess } from '../../../src/convert/in-process.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import { holdingAlarms } from '../../../src/core/radiation/radiation.ts';
import { converterOf, onlyGroup, stage, temporaryFolder, toConvert } from '../../support/staging.ts';

const alarm = (category: string) =>
  `<RadAlarm><RadAlarmCategoryCode>${category}</RadAlarmCategoryCode></RadAlarm>`;

it('an alarm holds, however many test alarms of the instrument stand before it', async () => {
  const xml = `<?xml version="1.0"?>
<RadInstrumentData xmlns="http://physics.nist.gov/N42/2011/N42"><RadMeasurement id="m">
  <MeasurementClassCode>Foreground</MeasurementClassCode><StartDateTime>2026-05-01T08:00:00Z</StartDateTime>
</RadMeasurement><AnalysisResults>${alarm('Test').repeat(300)}${alarm('Neutron')}</AnalysisResults></RadInstrumentData>`;
  const group = onlyGroup(stage(temporaryFolder(), [{ name: 'portal.n42', bytes: Buffer.from(xml) }]));
  const { scan } = await runInProcess({
    converter: converterOf(group),
    files: toConvert(group),
    limits: defaultLimits,
  });
  expect(scan.radiation?.flatMap(holdingAlarms)).toMatchObject([{ category: 'neutron' }]);
});

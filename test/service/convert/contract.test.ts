import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConverters } from '../../../src/recognise/registry.ts';
import { fixturesOfAll } from '../../../src/tools/contract/contract.ts';
import { describeConverter } from '../../support/contract/converter.ts';
import { installed, temporaryFolder } from '../../support/staging.ts';

const folder = temporaryFolder();
const fixtures = await fixturesOfAll(installed);
for (const converter of installed) describeConverter(converter, installed, fixtures, folder);

/** A package as an administration mounts it: a folder with plain JavaScript, no build, nothing of ours imported. */
const mounted = mkdtempSync(join(folder, 'mounted-'));
const packageFolder = join(mounted, 'striped');
cpSync(new URL('../../support/contract/striped', import.meta.url), packageFolder, { recursive: true });
const manifest = JSON.parse(readFileSync(join(packageFolder, 'converter.json'), 'utf8'));
writeFileSync(join(packageFolder, 'converter.json'), JSON.stringify({ ...manifest, version: '2.0.0' }));

const withMounted = await loadConverters({ extra: mounted, enableFake: true });
const withFixtures = await fixturesOfAll(withMounted);
const striped = withMounted.filter(({ manifest: { id } }) => id === 'striped');
for (const converter of striped) describeConverter(converter, withMounted, withFixtures, folder);

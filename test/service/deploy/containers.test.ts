import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { allCommands } from '../../../src/cli/index.ts';
import { settings } from '../../../src/config.ts';
import { readRepositoryFile } from '../../support/markdown-table.ts';

/** The files for containers: each thing that they name is there. */

interface Service {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, unknown>>;
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const compose = parse(readRepositoryFile('deploy/compose.yaml'), { merge: true }) as Compose;
const containerfile = readRepositoryFile('deploy/Containerfile');
const steps = containerfile
  .split('\n')
  .filter((line) => !line.startsWith('#'))
  .join('\n');
const ours = Object.values(compose.services).filter(({ image }) => image === 'nii-hub');
const environment = Object.fromEntries(
  [...(/^ENV (.*)$/m.exec(steps)?.[1] ?? '').matchAll(/(\S+)=(\S+)/g)].map(([, name, value]) => [
    name,
    value,
  ]),
);

describe('compose.yaml', () => {
  test('names only settings and commands that exist', async () => {
    expect(ours).toHaveLength(2);
    const named = ours.flatMap((service) => Object.keys(service.environment ?? {}));
    expect(named).toContain('NII_DATABASE_URL');
    expect(named.filter((name) => !Object.hasOwn(settings, name))).toEqual([]);
    const known = (await allCommands()).map(({ name }) => name);
    expect(ours.map(({ command: [name = ''] = [] }) => name).toSorted()).toEqual(['serve', 'worker']);
    for (const { command: [name = ''] = [] } of ours) expect(known).toContain(name);
  });

  test('names services, volumes and a build file that are there', () => {
    for (const { volumes = [], depends_on: needed = {} } of Object.values(compose.services)) {
      for (const volume of volumes) expect(Object.keys(compose.volumes)).toContain(volume.split(':')[0]);
      for (const name of Object.keys(needed)) expect(Object.keys(compose.services)).toContain(name);
    }
    for (const { build } of ours) expect(build).toEqual({ context: '.', dockerfile: 'Containerfile' });
  });

  test('keeps the data where the image has it, and opens its port to this machine alone', () => {
    for (const { volumes = [] } of ours)
      expect(volumes.map((volume) => volume.split(':')[1])).toEqual([environment.NII_DATA]);
    const [, port] = /^EXPOSE (\d+)$/m.exec(steps) ?? [];
    const published = Object.values(compose.services).flatMap(({ ports = [] }) => ports);
    expect(published).toEqual([`127.0.0.1:${port}:${port}`]);
    expect(settings.NII_PORT).toContain(`(${port})`);
  });

  test('holds no password', () => {
    const text = readRepositoryFile('deploy/compose.yaml');
    expect(text.match(/PASSWORD: .*/g)).toEqual([expect.stringMatching(/^PASSWORD: \$\{/)]);
  });
});

describe('the Containerfile', () => {
  test('sets only settings that exist, and runs as nobody who may do more', () => {
    expect(Object.keys(environment).filter((name) => !Object.hasOwn(settings, name))).toEqual([]);
    expect(steps).toMatch(/^USER nii-hub$/m);
    expect(steps.indexOf('\nUSER ')).toBeGreaterThan(steps.lastIndexOf('\nRUN '));
  });

  test('starts the program where the archive puts it', () => {
    expect(steps).toContain('ENTRYPOINT ["/opt/nii-hub/bin/nii"]');
    expect(steps).toContain('--to /opt/nii-hub ');
    expect(readRepositoryFile('docs/how-to/offline.md')).toContain('node install.mjs install');
  });
});

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { repositoryRoot } from '../../support/markdown-table.ts';

/** How the script ends beside a registry that answers like this. */
async function advisories(status: number, answer: object, ...args: readonly string[]) {
  const registry = createServer((request, response) => {
    const isAsked = request.method === 'POST' && request.url?.endsWith('/advisories/bulk') === true;
    response.writeHead(isAsked ? status : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isAsked ? answer : {}));
  }).listen(0, '127.0.0.1');
  await once(registry, 'listening');
  onTestFinished(() => void registry.close());
  const address = registry.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const env = {
    ...process.env,
    npm_config_registry: `http://127.0.0.1:${port}/`,
    npm_config_fetch_retries: '0',
  };
  return new Promise<{ code: number; out: string }>((resolve) => {
    const script = [`${repositoryRoot}scripts/advisories.mjs`, ...args];
    execFile(process.execPath, script, { env }, (error, stdout) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out: stdout });
    });
  });
}

const advisory = (severity: string) => [
  { id: 1, url: 'https://advisories.example/1', title: 'A fault', severity, vulnerable_versions: '*' },
];

test('a registry that has no advisories to give is said in one line, and is no failure', async () => {
  const { code, out } = await advisories(405, {});
  expect({ code, out }).toEqual({
    code: 0,
    out: 'advisories: not checked, because the registry returned none: it answered 405\n',
  });
  expect(JSON.parse((await advisories(405, {}, '--json')).out)).toMatchObject({ checked: false });
}, 60_000);

test('a high one of what the product needs fails, a high one of what only tests need does not', async () => {
  const ours = await advisories(200, { jose: advisory('high') });
  expect(ours.code).toBe(1);
  expect(ours.out).toContain('jose, high, reached by our code: A fault (https://advisories.example/1)');
  const tests = await advisories(200, { vitest: advisory('high') }, '--json');
  expect(tests.code).toBe(0);
  expect(JSON.parse(tests.out)).toMatchObject({
    checked: true,
    counts: { production: { high: 0 } },
    advisories: [],
  });
}, 120_000);

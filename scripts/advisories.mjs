// npm run advisories [-- --json] : asks the registry for advisories of the locked dependencies. Without an answer it says
// so and ends with 0; it ends with 1 where a dependency of the product has an advisory that is high or critical.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const LEVELS = ['info', 'low', 'moderate', 'high', 'critical'];
const WAIT_MS = 60_000;

/** What npm says, or why it says nothing. */
function audit(...omit) {
  const run = spawnSync('npm', ['audit', '--json', ...omit], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    encoding: 'utf8',
    timeout: WAIT_MS,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const answer = JSON.parse(run.stdout);
    if (answer.vulnerabilities !== undefined) return { found: answer.vulnerabilities };
    return {
      why: answer.statusCode === undefined ? 'it cannot be reached' : `it answered ${answer.statusCode}`,
    };
  } catch {
    return { why: 'it does not respond' };
  }
}

function countByLevel(found) {
  const counts = Object.fromEntries(LEVELS.map((level) => [level, 0]));
  for (const { severity } of Object.values(found)) counts[severity] += 1;
  return counts;
}

/** By the lock: what the product itself asks for is reachable by its own code, the rest through another package. */
function advisoriesOf(found) {
  return Object.values(found).flatMap(({ name, isDirect, via }) =>
    via
      .filter((one) => typeof one === 'object')
      .map(({ title, severity, url, range }) => ({
        name,
        severity,
        title,
        url,
        range,
        reached: isDirect ? 'by our code' : 'through another package',
      })),
  );
}

const asJson = process.argv.includes('--json');
const production = audit('--omit=dev');
const everything = production.why === undefined ? audit() : production;
const why = production.why ?? everything.why;
if (why !== undefined) {
  console.log(
    asJson
      ? JSON.stringify({ checked: false, why })
      : `advisories: not checked, because the registry returned none: ${why}`,
  );
} else {
  const counts = { production: countByLevel(production.found), all: countByLevel(everything.found) };
  const advisories = advisoriesOf(production.found);
  if (asJson) console.log(JSON.stringify({ checked: true, counts, advisories }));
  else {
    const text = (of) => LEVELS.map((level) => `${of[level]} ${level}`).join(', ');
    console.log(`advisories: production ${text(counts.production)}; with development ${text(counts.all)}`);
    for (const { name, severity, title, url, reached } of advisories)
      console.log(`advisories: ${name}, ${severity}, reached ${reached}: ${title} (${url})`);
  }
  process.exitCode = counts.production.high + counts.production.critical > 0 ? 1 : 0;
}

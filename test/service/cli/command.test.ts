import { expect, test } from 'vitest';
import { allCommands } from '../../../src/cli/index.ts';
import { settings } from '../../../src/config.ts';
import { readRepositoryFile, tableRows } from '../../support/markdown-table.ts';
import { openWorld } from '../../support/world.ts';

const { nii } = await openWorld();

test('the overview names every command of the issue, and each explains itself', async () => {
  const { out, code } = await nii('--help');
  expect(code).toBe(0);
  for (const name of [
    'serve',
    'worker',
    'info',
    'convert',
    'verify',
    'reindex',
    'simulate',
    'keys',
    'bench',
    'demo',
  ])
    expect(out).toMatch(new RegExp(`^  ${name} `, 'm'));
  for (const { name, options } of await allCommands()) {
    const help = await nii(name, '--help');
    expect(help.code).toBe(0);
    for (const option of Object.keys(options)) expect(help.out).toContain(`--${option}`);
    expect(help.out).toContain('--json');
  }
});

test('no command, an unknown command and wrong options end with code 2 and say so on stderr', async () => {
  for (const args of [
    [],
    ['dance'],
    ['info'],
    ['info', '--fast', 'x'],
    ['convert', 'x'],
    ['convert', 'x', '--out', 'y', '--format', 'gif'],
    ['convert', 'x', '--format', 'raw'],
    ['keys'],
    ['keys', 'steal'],
    ['keys', 'revoke'],
    ['keys', 'create', '--role', 'king', '--administration', 'a', '--site', 'b', '--name', 'c'],
    ['simulate', '--layout', 'numpy', '--out', 'y'],
    ['simulate', '--seed', '-1', '--layout', 'numpy', '--out', 'y'],
    ['simulate', '--seed', '1', '--layout', 'numpy', '--out', 'y', '--pitch', '1'],
    ['reindex'],
    ['restore'],
    ['backup'],
    ['settings', 'extra'],
  ]) {
    const { code, err } = await nii(...args);
    expect(code, args.join(' ')).toBe(2);
    if (args.length > 0) expect(err, args.join(' ')).not.toBe('');
  }
});

const owner = ['--administration', 'utopia', '--site', 'harbour', '--name', 'gate'] as const;

test.each([
  [['dance'], 'nii: Invalid command "dance": nii --help lists all commands'],
  [['keys', 'steal'], 'Invalid operands "steal": use create, list or revoke ID'],
  [['formats', 'draw', 'x'], 'Invalid operands "draw x": use list, show ID, new NAME or test DIR'],
  [['kit', 'make'], 'Invalid operands "make": use make DIR, score DIR, key FILE or verify REPORT'],
  [['keys', 'create', '--role', 'king'], 'Invalid --role "king": use scanner, '],
  [
    ['keys', 'create', '--role', 'scanner', '--administration', 'Utopia'],
    'Invalid --administration "Utopia": use lower-case letters, digits and hyphens',
  ],
  [
    ['simulate', '--seed', 'x', '--layout', 'numpy', '--out', 'y'],
    'Invalid --seed "x": use a whole number from 0 to 4294967295',
  ],
  [
    ['simulate', '--seed', '1', '--layout', 'numpy', '--out', 'y', '--pitch', '1'],
    'Invalid --pitch "1": use a number of millimetres from 2 to 40',
  ],
  [['convert', 'x', '--out', 'y', '--format', 'gif'], 'Invalid --format "gif": use dicos, '],
  [['convert', 'x', '--out', 'y'], 'Missing option --format'],
  [['watch'], 'Missing operand: use one folder'],
  [['keys', 'list', '--colour'], 'Invalid option --colour: use --role, --administration, '],
  [['keys', 'create', '--role'], 'Missing value for --role: '],
  [['keys', 'create', '--role', '--site', 'x'], 'Missing value for --role: '],
  [['info', '-h=1', 'x'], 'Invalid option -='],
  [['info', '--json=1', 'x'], 'Unexpected value for --json: this option takes no value'],
  [['serve', 'now'], 'Unexpected operand "now": serve takes no operands'],
  [
    ['keys', 'create', '--role', 'analyst,scanner'],
    'Invalid --role "analyst,scanner": use roles for people or roles for machines, not both',
  ],
  [
    ['keys', 'create', '--role', 'scanner', ...owner, '--until', '1999-01-01T00:00:00Z'],
    'Invalid --until "1999-01-01T00:00:00Z": use a time in the future, such as 2027-01-31T00:00:00Z',
  ],
  [['reconvert', '--administration', 'utopia'], 'No scans selected: use --scan ID, '],
])('wrong use names the wrong value and what is allowed: %j', async (args, message) => {
  const { code, err } = await nii(...args);
  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(message) });
});

test('a path that is not there is refused with its code, in JSON too', async () => {
  const plain = await nii('info', '/nowhere/scan.npy');
  expect(plain.code).toBe(3);
  expect(plain.err).toMatch(/^NII_NOT_FOUND: /);
  const json = await nii('info', '--json', '/nowhere/scan.npy');
  expect(json.code).toBe(3);
  expect(JSON.parse(json.out)).toMatchObject({ problem: { code: 'NII_NOT_FOUND' } });
});

test.each<readonly [readonly string[], string]>([
  [['formats', 'show', 'lost'], 'NII_NOT_FOUND: Unknown format "lost": nii formats list shows all'],
  [
    ['formats', 'new', 'ase'],
    'Invalid name "ase": an installed format already has this name; use a different one',
  ],
  [['formats', 'new', 'Big'], 'Invalid name "Big": use lower-case letters, digits and hyphens'],
  [['info', '/nowhere'], 'The file or folder /nowhere cannot be read: check its name and permissions'],
  [['kit', 'verify', '/nowhere'], 'The report "/nowhere" cannot be read: specify a file that nii kit score'],
  [
    ['restore', '/nowhere'],
    'The folder "/nowhere" contains no backup.json: name the folder of one complete backup',
  ],
])('nii %j ends with a code, the value and the next step', async (args, message) => {
  const { code, err } = await nii(...args);
  expect([code, err]).toEqual([3, expect.stringContaining(message)]);
});

test('nii settings prints every setting', async () => {
  expect(JSON.parse((await nii('settings', '--json')).out)).toEqual(settings);
});

test('the page of operations explains every setting, in order, and no other', () => {
  const rows = tableRows(readRepositoryFile('docs/how-to/operations.md'), (first) =>
    /^`NII_[A-Z0-9_]+`$/.test(first),
  );
  expect(rows.map(([name]) => name?.replaceAll('`', ''))).toEqual(Object.keys(settings));
});

test('the page of operations and the README name only commands and settings that exist', async () => {
  for (const page of ['docs/how-to/operations.md', 'README.md']) {
    const text = readRepositoryFile(page);
    const named = [...text.matchAll(/\bnii ([a-z]+)\b/g)].map(([, name]) => name);
    const known = (await allCommands()).map(({ name }) => name);
    for (const name of named) expect(known, `${page}: nii ${name}`).toContain(name);
    for (const [name] of text.matchAll(/\bNII_[A-Z0-9_]+\b/g)) {
      if (/^NII_(W_|TEST_)/.test(name)) continue;
      expect([...Object.keys(settings), ...codes], `${page}: ${name}`).toContain(name);
    }
  }
});

const codes = tableRows(readRepositoryFile('docs/reference/errors.md'), (code) =>
  code.startsWith('NII_'),
).map(([code]) => code);

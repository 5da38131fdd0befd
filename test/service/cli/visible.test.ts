import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { visible } from '../../../src/cli/text.ts';
import { repositoryRoot } from '../../support/markdown-table.ts';
import { program } from '../../support/running-service.ts';

test('no text is a command to the terminal, and every other sign stays as it is', () => {
  const sign = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('\x1b[2J', '\r', '\x9b', '\u202e', '\n'),
  );
  fc.assert(
    fc.property(fc.array(sign), (parts) => {
      const shown = visible(parts.join(''));
      expect(shown).not.toMatch(/[^\P{Cc}\n\t]|\p{Bidi_Control}/u);
      const restored = shown.replace(/\\u([0-9a-f]{4})/g, (_, hex) =>
        String.fromCharCode(Number.parseInt(hex, 16)),
      );
      if (!parts.join('').includes('\\u')) expect(restored).toBe(parts.join(''));
    }),
  );
});

test('JSON for a script is the same JSON', () => {
  const text = JSON.stringify({ name: 'a\x1b[2Jb', other: 'é\u202e' });
  expect(JSON.parse(visible(text))).toEqual(JSON.parse(text));
});

test('the name of a file cannot clear the screen of who looks at it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nii-visible-'));
  try {
    const file = join(folder, 'x\x1b[2J.bin');
    writeFileSync(file, 'of no known format');
    const command = [...program, 'info', file];
    const { stdout, stderr, status } = spawnSync(process.execPath, command, { cwd: repositoryRoot });
    expect(status).toBe(3);
    expect(`${stdout}${stderr}`).toContain('x\\u001b[2J.bin');
    expect(`${stdout}${stderr}`).not.toContain('\x1b');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

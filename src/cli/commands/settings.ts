import { type Command, exitCode } from '../command.ts';
import { json, table } from '../text.ts';

export const settings: Command = {
  name: 'settings',
  summary: 'list all settings with their meaning and default',
  options: {},
  notes: ['Settings are environment variables; docs/how-to/operations.md explains them.'],
  async run({ terminal, settings: all }, values) {
    terminal.out(
      values.json === true ? json(all) : table(['setting', 'meaning (default)'], Object.entries(all)),
    );
    return exitCode.done;
  },
};

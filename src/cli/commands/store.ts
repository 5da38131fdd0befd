import { resolve } from 'node:path';
import { createKeyFile } from '../../runtime/object-keys.ts';
import { type Command, exitCode, invalidOperands, WrongUse } from '../command.ts';
import { json } from '../text.ts';

export const store: Command = {
  name: 'store',
  summary: 'create a key file that encrypts stored objects',
  operands: 'key FILE',
  options: {},
  notes: [
    'Creates FILE with one random key, readable only by its owner. It never overwrites a file. Set NII_OBJECT_KEY_FILE to',
    'FILE for the service, its workers and every nii command, and keep a copy away from the store.',
    'A key file can have several keys, one on each line. The first key encrypts; all of them decrypt. To change',
    'the key, add a new line at the top.',
  ],
  async run({ terminal }, values, [action, file, ...more]) {
    const operands = [action, file, ...more].flatMap((one) => one ?? []);
    if (action !== 'key' || file === undefined || more.length > 0)
      throw new WrongUse(invalidOperands(operands, ['key FILE']));
    const path = resolve(file);
    const { id } = await createKeyFile(path);
    terminal.out(
      values.json === true
        ? json({ keyId: id, file: path })
        : `Key ${id} is in ${path}. Set NII_OBJECT_KEY_FILE=${path}, and keep a copy away from the store:\n` +
            'without the key nobody can read the objects.\n',
    );
    return exitCode.done;
  },
};

import { defined } from '../../core/defined.ts';
import { type Command, exitCode, textOf } from '../command.ts';

export const serve: Command = {
  name: 'serve',
  summary: 'run the API and, by default, its workers',
  options: {},
  notes: [
    'Settings are environment variables. docs/how-to/operations.md explains them, and nii settings lists them.',
  ],
  async run({ processes, signal, terminal }, values) {
    const running = await processes.serve(signal);
    const ready = { address: running.address, docs: `${running.address}/docs` };
    terminal.out(
      values.json === true
        ? `${JSON.stringify(ready)}\n`
        : `nii-hub is ready at ${ready.address}; the API is described at ${ready.docs}\n`,
    );
    await running.ended;
    return exitCode.done;
  },
};

export const worker: Command = {
  name: 'worker',
  summary: 'run an additional worker on the same stores',
  options: {
    parent: {
      type: 'string',
      help: '<pid> exit when this process ends; serve sets it for its own workers',
    },
    name: {
      type: 'string',
      help: '<NAME> unique name for the leases of this worker; serve sets it for its own workers',
    },
  },
  async run({ processes, signal }, values) {
    const parent = typeof values.parent === 'string' ? Number(values.parent) : undefined;
    await processes.work(signal, defined({ parent, name: textOf(values, 'name') }));
    return exitCode.done;
  },
};

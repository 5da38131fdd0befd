import { startChild } from '../../../src/runtime/children/running-child.ts';

/** Starts an idle child and one that is busy for ever, says their numbers, and waits for its own end. */
const [, , program = ''] = process.argv;
const plan = { program, output: 'ignore' } as const;
const [idle, busy] = await Promise.all([startChild(plan), startChild(plan)]);
const read = () => true as const;
await Promise.all([idle, busy].map((child) => child.call({ task: { kind: 'echo', value: 1 }, read })));
void busy.call({ task: { kind: 'spin' }, read });
console.log(JSON.stringify([idle.pid, busy.pid]));
setInterval(() => undefined, 1000);

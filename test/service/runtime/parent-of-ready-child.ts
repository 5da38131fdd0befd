import { ReadyChildren } from '../../../src/runtime/children/ready-children.ts';

/**
 * With `wait`: has children that are ready and one that is busy for ever, says their numbers, and waits for its own end.
 * With `end`: has one that is ready and one that is kept, and comes to its own end without closing them.
 */
const [, , program = '', behaviour] = process.argv;
const plan = { program, output: 'ignore' } as const;
const children = new ReadyChildren({ plan, atOnce: 2, ready: 2, tasksPerChild: 2 });
const read = () => true as const;
const task = { kind: 'echo', value: 1 };

const [used, busy] = await Promise.all([children.take('a'), children.take('b')]);
await Promise.all([used, busy].map((child) => child.call({ task, read })));
await children.release(used);
console.log(JSON.stringify([used.pid, busy.pid]));
if (behaviour === 'wait') {
  void busy.call({ task: { kind: 'spin' }, read });
  setInterval(() => undefined, 1000);
} else await children.release(busy);

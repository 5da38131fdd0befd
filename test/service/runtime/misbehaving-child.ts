import { spawn } from 'node:child_process';
import { writeSync } from 'node:fs';
import { NiiError } from '../../../src/core/errors.ts';
import { answerParent } from '../../../src/runtime/children/answer-parent.ts';
import { CHANNEL_FD, framesOf } from '../../../src/runtime/children/channel.ts';
import { jsonEncoding, structuredEncoding } from '../../../src/runtime/children/encoding.ts';

/** What the child is to do instead of its work. */
export type Behaviour =
  | { readonly kind: 'echo'; readonly value: unknown }
  | { readonly kind: 'reject' }
  | { readonly kind: 'throw' }
  | { readonly kind: 'spin' }
  | { readonly kind: 'wait' }
  | { readonly kind: 'count'; readonly to: number }
  | { readonly kind: 'count-on' }
  | { readonly kind: 'hungry'; readonly bytes: number }
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: NodeJS.Signals }
  | { readonly kind: 'noise'; readonly bytes: number }
  | { readonly kind: 'raw-message'; readonly message: unknown }
  | { readonly kind: 'claim'; readonly bytes: number }
  | { readonly kind: 'flood'; readonly bytes: number }
  | { readonly kind: 'environment' }
  | { readonly kind: 'pid' }
  | { readonly kind: 'grandchild' };

const encoding = process.argv.includes('structured') ? structuredEncoding : jsonEncoding;
const forever = () => new Promise<never>(() => setInterval(() => undefined, 1000));

async function behave(behaviour: Behaviour, progress: (value: unknown) => void): Promise<unknown> {
  switch (behaviour.kind) {
    case 'echo':
      return behaviour.value;
    case 'reject':
      throw new NiiError('NII_TRUNCATED', { detail: 'it ends too early', offset: 128, field: 'a.bin' });
    case 'throw':
      throw new TypeError('a secret of the implementation');
    case 'spin':
      for (;;);
    case 'wait':
      return forever();
    case 'count':
      for (let i = 1; i <= behaviour.to; i++) progress(i);
      return behaviour.to;
    case 'count-on':
      setInterval(() => progress('still here'), 50);
      return forever();
    case 'hungry': {
      const held = Buffer.alloc(behaviour.bytes, 1);
      await forever();
      return held.length;
    }
    case 'exit':
      return process.exit(behaviour.code);
    case 'signal':
      process.kill(process.pid, behaviour.signal);
      return forever();
    case 'noise':
      writeAll(CHANNEL_FD, Buffer.alloc(behaviour.bytes, 'x'));
      return forever();
    case 'raw-message':
      for (const frame of framesOf(encoding.encode(behaviour.message))) writeAll(CHANNEL_FD, frame);
      return forever();
    case 'claim': {
      const header = Buffer.alloc(4);
      header.writeUInt32LE(behaviour.bytes);
      writeAll(CHANNEL_FD, header);
      return forever();
    }
    case 'flood':
      for (let left = behaviour.bytes; left > 0; left -= 65_536) writeAll(2, Buffer.alloc(65_536, 'y'));
      return 'answered';
    case 'environment':
      return { ...process.env };
    case 'pid':
      return process.pid;
    case 'grandchild':
      return spawn('sleep', ['1000'], { stdio: 'inherit' }).pid;
  }
}

/** The descriptor may be without room for a moment. */
function writeAll(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}

answerParent((task, progress) => behave(task as Behaviour, progress), encoding);

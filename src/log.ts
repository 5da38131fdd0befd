import pino from 'pino';
import type { Config } from './config.ts';
import type { Log } from './core/ports/process.ts';

export function makeLog(config: Config, name: string): Log {
  const level = config.logLevel;
  return pino(
    { name, level, redact: ['req.headers.authorization', 'req.headers.cookie'] },
    pino.destination({ dest: 2, sync: false }),
  );
}

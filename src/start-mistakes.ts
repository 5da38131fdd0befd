import { networkInterfaces } from 'node:os';
import { isNiiError, NiiError } from './core/errors.ts';

/** What keeps the program from starting, in one line with the next step; any other failure is returned as it is. */

/** @param error - of listening at this address */
export function listenMistake(
  error: unknown,
  { host, port }: { readonly host: string; readonly port: number },
): unknown {
  switch (systemCode(error)) {
    case 'EADDRINUSE':
      return mistake(
        `${host}:${port} is in use: stop the process that listens there, or set NII_PORT to a free port`,
        error,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return mistake(
        `${host} is not an address of this machine: set NII_HOST to one of ${ownAddresses()}`,
        error,
      );
    case 'EACCES':
      return mistake(`This user may not listen on port ${port}: set NII_PORT to 1024 or more`, error);
    default:
      return error;
  }
}

function ownAddresses(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return [...new Set(all.map(({ address }) => address)), '0.0.0.0'].join(', ');
}

/** @param setting - that names the folder */
export function folderMistake(error: unknown, folder: string, setting: string): unknown {
  switch (systemCode(error)) {
    case 'ENOTDIR':
    case 'EEXIST':
      return mistake(`"${folder}" is not a folder, or is inside a file: set ${setting} to a folder`, error);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return mistake(
        `This user may not write to "${folder}": give it permission, or set ${setting} to another folder`,
        error,
      );
    default:
      return error;
  }
}

/**
 * @param setting - that names the server
 * @param url - its value; a password in it is not shown
 */
export function awayMistake(error: unknown, setting: string, url: string): unknown {
  if (!isNiiError(error, 'NII_DATABASE_UNREACHABLE') && !isNiiError(error, 'NII_STORE_UNREACHABLE'))
    return error;
  const why = reasons[systemCode(error.cause) ?? ''] ?? 'it does not respond';
  const detail = `${URL.parse(url)?.host ?? 'The server'}: ${why}. Start it, or correct ${setting}`;
  return new NiiError(error.code, { detail, cause: error });
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'no machine has this name',
  EAI_AGAIN: 'the machine name cannot be resolved at the moment',
  EHOSTUNREACH: 'there is no route to this machine',
  ENETUNREACH: 'there is no route to this machine',
  ETIMEDOUT: 'it does not respond in time',
};

/** Of the failure, or of the first below it that has one. */
function systemCode(error: unknown): string | undefined {
  const { code, cause, errors } = Object(error);
  if (typeof code === 'string' && /^E[A-Z_]+$/.test(code)) return code;
  const below = Array.isArray(errors) ? errors[0] : cause;
  return below === undefined ? undefined : systemCode(below);
}

function mistake(detail: string, cause: unknown): NiiError {
  return new NiiError('NII_CONFIG', { detail, cause });
}

import { readKeyFile } from '../runtime/key-file.ts';
import { isPlainAddress } from '../runtime/plain-connections.ts';
import { type CliContext, textOf, type Values, WrongUse } from './command.ts';

/** The service that a client command speaks to, by its options or the settings. */

/** @throws WrongUse where none is named; warns where the key goes over the wire as it is */
export function serviceUrl(context: CliContext, values: Values): URL {
  const url = urlOf(textOf(values, 'url') ?? context.place().client.url);
  warnOfPlainHttp(context.terminal, url, values['plain-http'] === true);
  return url;
}

/** @param whose - as "the scanner". @throws WrongUse where none is named */
export function serviceKey(context: CliContext, values: Values, whose: string): () => Promise<string> {
  const file = textOf(values, 'key-file');
  const { key } = context.place().client;
  if (file !== undefined) return () => readKeyFile(file);
  if (key === undefined) throw new WrongUse(`Missing key for ${whose}: use --key-file or NII_KEY`);
  return async () => key;
}

function urlOf(text: string | undefined): URL {
  if (text === undefined) throw new WrongUse('Missing service address: use --url or NII_URL');
  const url = URL.parse(text.endsWith('/') ? text : `${text}/`);
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  throw new WrongUse(`Invalid service address "${text}": use http://… or https://… in --url or NII_URL`);
}

/** A watcher that has sent so for years goes on: scans that stay away are worse than a key that can be read on the way. */
function warnOfPlainHttp({ err }: CliContext['terminal'], url: URL, isMeant: boolean): void {
  if (isMeant || !isPlainAddress(url)) return;
  err(
    `${url.host} is a different machine, and http reveals the key to everyone on the network path: use https, or add --plain-http\n`,
  );
}

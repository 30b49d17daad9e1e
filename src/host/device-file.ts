/**
 * Devices in files of the user's own: `--device thermo=./thermometer.js,line=7,period=10ms`. The file is JavaScript that
 * runs with all of this process's rights, which is why only the command line can name one, never a scenario.
 */
import { basename, extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { WirqError } from '../errors.ts';
import { readBytes } from './files.ts';

export interface DeviceSpec {
  readonly name: string;
  readonly file: string;
  readonly options: Readonly<Record<string, string | number>>;
}

/** Reads `[NAME=]FILE[,KEY=VALUE]…`; the name is the file's, without its ending, unless one is given. */
export function parseDeviceSpec(text: string): DeviceSpec {
  const [first = '', ...rest] = text.split(',');
  const match = /^(?:([\w-]+)=)?(.+)$/.exec(first);
  if (match === null) throw badSpec(text, 'it names no file');
  const [, given, file = ''] = match;
  const options: Record<string, string | number> = {};
  for (const each of rest) {
    const equals = each.indexOf('=');
    if (equals < 1) throw badSpec(text, `${JSON.stringify(each)} is no option`);
    const value = each.slice(equals + 1);
    options[each.slice(0, equals)] = /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  }
  return { name: given ?? basename(file, extname(file)), file, options };
}

function badSpec(text: string, why: string): WirqError {
  return new WirqError('bad-argument', `--device ${text}: ${why}`, {
    advice: 'write for example --device thermo=./thermometer.js,line=7,period=10ms',
  });
}

/** The class that the file exports by default. @throws WirqError `bad-file`, `bad-device`. */
export async function loadDeviceClass(file: string): Promise<unknown> {
  readBytes(file); // says better than an import does what is wrong with a file that is not there
  let loaded: { readonly default?: unknown };
  try {
    loaded = (await import(pathToFileURL(resolve(file)).href)) as typeof loaded;
  } catch (error) {
    throw new WirqError('bad-device', `${file} cannot be loaded: ${(error as Error).message}`, {
      advice: 'a device is an ES module: .mjs, or .js beside a package.json with "type": "module"',
      cause: error,
    });
  }
  if (typeof loaded.default === 'function') return loaded.default;
  throw new WirqError('bad-device', `${file} exports no device`, {
    advice: 'export default class { constructor(board, options) { … } }; docs/devices.md has an example',
  });
}

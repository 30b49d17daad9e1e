/** Where `--control` says that other programs drive the machine from. */
import type { ControlPlace } from '../host/control-port.ts';
import { UsageError } from './command.ts';

/** `stdio`, `unix:/tmp/x/wirq.sock`. */
export function parseControl(text: string | undefined): ControlPlace | undefined {
  if (text === undefined) return undefined;
  if (text === 'stdio') return { kind: 'stdio' };
  if (/^unix:./.test(text)) return { kind: 'unix', path: text.slice('unix:'.length) };
  throw new UsageError(`--control ${text}: there is no such place`, 'write stdio, or unix:PATH for a socket');
}

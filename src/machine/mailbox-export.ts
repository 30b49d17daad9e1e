/** How a module that imports nothing has a mailbox, and whether one that is to be used is there at all. */
import { WirqError } from '../errors.ts';
import { MAILBOX_MODULE } from '../guests/mailbox.ts';
import type { Module } from '../wasm/module.ts';
import type { Delivery, Names } from './options.ts';

/** The name of the global whose value is the address of a mailbox that the module's own data formats. */
export const MAILBOX_EXPORT = 'wirq_mailbox';

/**
 * @throws WirqError `bad-argument` when lines go by mailbox and the module has none, `bad-mailbox` for a global of that
 *   name that cannot be an address.
 */
export function checkMailbox(module: Module, names: Names, deliver: Delivery | undefined): void {
  const opens = module.imports.some((each) => each.module === MAILBOX_MODULE && each.name === 'open');
  const exported = module.exports.find((each) => each.name === MAILBOX_EXPORT);
  if (exported?.kind === 'global') checkGlobal(module, exported.index);
  const byMailbox = deliver === 'mailbox' || [...names.irqs.values()].some((irq) => irq.deliver === 'mailbox');
  if (!byMailbox || opens || exported?.kind === 'global') return;
  throw new WirqError('bad-argument', 'delivery by mailbox is asked for, but the module has no mailbox', {
    advice: `it neither exports a global ${MAILBOX_EXPORT} nor imports ${MAILBOX_MODULE}.open; deliver by handler instead`,
  });
}

function checkGlobal(module: Module, index: number): void {
  const { type } = module.globals[index]!;
  const why =
    type !== 'i32' ? `it is of type ${type}` : module.memories.length === 0 ? 'there is no memory' : undefined;
  if (why === undefined) return;
  throw new WirqError('bad-mailbox', `the global ${MAILBOX_EXPORT} is no address of a mailbox: ${why}`, {
    advice: 'export the address of the block as an i32, or give the global another name',
  });
}

/**
 * Makes native interrupts: an inspector message to the core's thread, `Runtime.evaluate`, which V8 runs at its next check
 * of the stack, in the middle of WebAssembly too. No debugger is switched on, and no port opened.
 */
import type { Session } from 'node:inspector';
import { WirqError } from '../errors.ts';
import { INTERRUPT, LANDED } from './core-link.ts';

export class NativeInterrupter {
  readonly #session: Session;
  readonly #bell: Int32Array;
  #sessionId: string | undefined;
  #posted = 0;
  #ready = false;

  private constructor(session: Session, bell: Int32Array) {
    this.#session = session;
    this.#bell = bell;
    session.on('NodeWorker.attachedToWorker', ({ params }) => {
      this.#sessionId ??= params.sessionId; // the first thread is the core; later ones are helpers of ours
      this.interrupt();
    });
    session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
  }

  /** Attaches to the one thread that this process has begun. @throws WirqError `unsupported` without an inspector. */
  static async attach(bell: Int32Array): Promise<NativeInterrupter> {
    if (!process.features.inspector) throw unsupported('this Node was built without it');
    // Not imported at the top: a Node without an inspector refuses to.
    const { default: inspector } = await import('node:inspector');
    const session = new inspector.Session();
    try {
      session.connect();
    } catch (error) {
      throw unsupported((error as Error).message);
    }
    return new NativeInterrupter(session, bell);
  }

  /** The core can be interrupted from now on, and is: something may have arrived for it already. */
  begin(): void {
    this.#ready = true;
    this.interrupt();
  }

  /**
   * Interrupts the core, unless a message is under way already: what that finds when it lands includes all that has
   * arrived until then.
   */
  interrupt(): void {
    if (!this.#ready || this.#sessionId === undefined) return;
    if (Atomics.load(this.#bell, LANDED) !== this.#posted) return;
    this.#posted++;
    const params = { expression: `globalThis.${INTERRUPT}()`, silent: true };
    const message = JSON.stringify({ id: this.#posted, method: 'Runtime.evaluate', params });
    this.#session.post('NodeWorker.sendMessageToWorker', { sessionId: this.#sessionId, message });
  }

  close(): void {
    this.#sessionId = undefined;
    this.#session.disconnect();
  }
}

function unsupported(why: string): WirqError {
  return new WirqError('unsupported', `native interrupts need Node's inspector: ${why}`, {
    advice: 'use --preempt safepoints, which needs none',
  });
}

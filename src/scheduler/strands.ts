/**
 * Stacks as firmware knows them: made, switched to, freed; 0 is the stack that a task or handler began on. A switch is
 * symmetric: it stays within the task that does it. A stack whose function returns goes back to 0.
 */
import type { Dispatcher } from './dispatcher.ts';
import { MAX_LIVE, type TaskHost } from './tasks.ts';
import { Strand, type Thread } from './thread.ts';

export class Strands {
  readonly #dispatcher: Dispatcher;
  readonly #host: Pick<TaskHost, 'start' | 'shadow'>;
  readonly #strands = new Map<number, Strand>();
  readonly #ids = new Map<Strand, number>();
  #lastId = 0;

  constructor(dispatcher: Dispatcher, host: Pick<TaskHost, 'start' | 'shadow'>) {
    this.#dispatcher = dispatcher;
    this.#host = host;
    dispatcher.onLost.push((strand) => {
      const id = this.#ids.get(strand);
      if (id === undefined) return;
      this.#ids.delete(strand);
      this.#strands.delete(id);
    });
  }

  create(tableIndex: number, argument: number): number {
    const { entry, shape, args } = this.#host.start(tableIndex, argument, 'new');
    if (this.#strands.size >= MAX_LIVE) this.#dispatcher.fail(`new: more than ${MAX_LIVE} stacks are alive`);
    const id = ++this.#lastId;
    const strand = new Strand(this.#dispatcher.backend.create(entry, shape, args), this.#host.shadow());
    this.#dispatcher.backend.direct?.number(strand.fiber!, id);
    this.#strands.set(id, strand);
    this.#ids.set(strand, id);
    return id;
  }

  switch(id: number): void {
    const thread = this.#dispatcher.current;
    if (thread === undefined) this.#dispatcher.fail(`switch(${id}): the machine itself has called this function`);
    const to = this.#free(id, thread, 'switch');
    if (to !== this.#dispatcher.running) this.#dispatcher.changeStrand(to);
  }

  /** Of the stack that runs: 0 on the one that the task or handler began on. */
  get current(): number {
    const { running } = this.#dispatcher;
    return running === undefined ? 0 : (this.#ids.get(running) ?? 0);
  }

  /** Whether the stack has not ended yet. */
  isAlive(id: number): boolean {
    return id === 0 || this.#strands.has(id);
  }

  free(id: number): void {
    const strand = this.#strands.get(id);
    if (strand === undefined) {
      if (id < 1 || id > this.#lastId) this.#known(id, 'free');
      return; // it has ended by itself
    }
    const { running } = this.#dispatcher; // asked for first: the guest may have switched by itself
    if (strand === running || strand.user !== undefined)
      this.#dispatcher.fail(`free(${id}): a task or handler is on that stack`);
    this.#dispatcher.lose(strand);
  }

  exit(id: number): void {
    const { current: thread, running } = this.#dispatcher;
    if (thread === undefined) this.#dispatcher.fail(`exit(${id}): the machine itself has called this function`);
    if (running === thread.home) this.#dispatcher.fail(`exit(${id}): stack 0 ends when its task or handler does`);
    const to = this.#free(id, thread, 'exit');
    if (to === running) this.#dispatcher.fail(`exit(${id}): that is the stack that ends`);
    this.#dispatcher.changeStrand(to, true);
  }

  /** A stack that a thread may go on with. */
  #free(id: number, thread: Thread, call: string): Strand {
    const to = id === 0 ? thread.home : this.#known(id, call);
    if (to !== thread.home && to.user !== undefined && to.user !== thread) {
      this.#dispatcher.fail(`${call}(${id}): another task or handler is on that stack`);
    }
    return to;
  }

  #known(id: number, call: string): Strand {
    return this.#strands.get(id) ?? this.#dispatcher.fail(`${call}(${id}): there is no such stack, or it has ended`);
  }
}

/**
 * Tasks as firmware knows them: started, given a priority, put to sleep, waited for, parked and woken. 0 is the main task,
 * which the entry runs on; when that returns, the run is over, whatever the others do. A task's function takes nothing
 * or one i32, and what it returns is its exit code. Handlers may start and wake tasks; they have no number themselves.
 */
import { type Duration, MAX_NS } from '../clock/instant.ts';
import type { GuestFunction, Shape } from '../stacks/backend.ts';
import type { ShadowStack } from '../stacks/shadow-stack.ts';
import type { Dispatcher } from './dispatcher.ts';
import { LEAST_URGENT, levelOfTask, Strand, Thread } from './thread.ts';

/**
 * Tasks and stacks that live at once. Each stack of the engine's is two mappings of the process's memory, of which Linux
 * allows 65,530: more than 32,000 of them end the process.
 */
export const MAX_LIVE = 10_000;
/** Of tasks that nobody has joined: the exit codes of the latest. */
const CODES_KEPT = 100_000;
/** Of a task that ended in a trap. */
export const TRAPPED = 134;
/** What `current` answers to a handler. */
const NO_TASK = -1;

/** A guest function as a thread or stack begins with it. */
export interface Start {
  readonly entry: GuestFunction;
  readonly shape: Shape;
  readonly args: readonly unknown[];
}

export interface TaskHost {
  /** The function at a table index, given `argument`. Fails for what is none. */
  start(tableIndex: number, argument: number, call: string): Start;
  /** A stack in linear memory; undefined where the guest needs none. */
  shadow(): ShadowStack | undefined;
  log(kind: 'spawn' | 'finish', details: Readonly<Record<string, number>>): void;
  exit(code: number): never;
}

export class Tasks {
  readonly #dispatcher: Dispatcher;
  readonly #host: TaskHost;
  readonly #tasks = new Map<number, Thread>();
  readonly #codes = new Map<number, number>();
  #lastId = 0;

  constructor(dispatcher: Dispatcher, host: TaskHost) {
    this.#dispatcher = dispatcher;
    this.#host = host;
    this.#tasks.set(0, dispatcher.main);
    dispatcher.onFinished.push((thread) => this.#finished(thread));
  }

  spawn(tableIndex: number, argument: number, priority: number): number {
    const level = this.#level(priority, 'spawn');
    const { entry, shape, args } = this.#host.start(tableIndex, argument, 'spawn');
    if (this.#tasks.size > MAX_LIVE) this.#dispatcher.fail(`spawn: more than ${MAX_LIVE} tasks are alive`);
    const id = ++this.#lastId;
    const fiber = this.#dispatcher.backend.create(entry, shape, args);
    const thread = new Thread('task', id, level, new Strand(fiber, this.#host.shadow()));
    this.#tasks.set(id, thread);
    this.#host.log('spawn', { task: id, priority });
    this.#dispatcher.ready(thread, 'back');
    return id;
  }

  get current(): number {
    const thread = this.#dispatcher.current;
    return thread?.kind === 'task' ? thread.id : NO_TASK;
  }

  yield(): void {
    this.#dispatcher.giveWay();
  }

  /** `ns` of machine time, from now. */
  sleep(ns: bigint): unknown {
    if (ns <= 0n) {
      this.yield();
      return undefined;
    }
    const now = this.#dispatcher.loop.now;
    const deadline = ns > BigInt(MAX_NS - now) ? undefined : ((now + Number(ns)) as Duration & typeof now);
    return this.#dispatcher.wait({ deadline, what: 'for the end of its sleep' }, () => undefined);
  }

  /** The exit code of a task, when it has one. */
  join(id: number): unknown {
    const thread = this.#tasks.get(id);
    if (thread === undefined) return this.#takeCode(id);
    if (thread === this.#dispatcher.current) this.#dispatcher.fail(`join(${id}): a task cannot wait for its own end`);
    const joined = this.#dispatcher.waitForWake(`for the end of task ${id}`, () => thread.exitCode);
    thread.joiners.push(this.#dispatcher.current!);
    return joined;
  }

  exit(code: number): void {
    const thread = this.#running('exit');
    if (thread === this.#dispatcher.main) this.#host.exit(code);
    thread.exitCode = code;
    this.#dispatcher.abandon(thread);
  }

  setPriority(id: number, priority: number): void {
    this.#dispatcher.setLevel(this.#known(id, 'set_priority'), this.#level(priority, 'set_priority'));
  }

  priorityOf(id: number): number {
    return this.#known(id, 'get_priority').level - levelOfTask(0);
  }

  /** Until `wake`; at once after a wake that came before. */
  park(): unknown {
    const thread = this.#running('park');
    if (thread.woken) {
      thread.woken = false;
      return undefined;
    }
    thread.parked = true;
    return this.#dispatcher.waitForWake('to be woken', () => undefined);
  }

  wake(id: number): void {
    const thread = this.#tasks.get(id);
    if (thread === undefined) {
      if (id < 0 || id > this.#lastId) this.#known(id, 'wake');
      return; // it has ended meanwhile
    }
    if (thread.parked) {
      thread.parked = false;
      this.#dispatcher.wake(thread, 'ready');
    } else thread.woken = true;
  }

  /** Ends a task wherever it is; its promise, if it waits for one, is aborted. What it had taken is not given back. */
  kill(id: number, code: number): void {
    const thread = this.#tasks.get(id);
    if (thread === undefined) {
      if (id < 0 || id > this.#lastId) this.#known(id, 'kill');
      return; // it has ended meanwhile
    }
    if (thread === this.#dispatcher.current) {
      this.exit(code);
      return;
    }
    if (thread === this.#dispatcher.main) this.#dispatcher.fail('kill(0): the main task ends when its entry does');
    if (thread.state === 'running' && this.#dispatcher.isHeld) {
      this.#dispatcher.fail(`kill(${id}): the task is in a function that the machine itself has called`);
    }
    thread.exitCode = code;
    this.#dispatcher.kill(thread);
  }

  #running(call: string): Thread {
    const thread = this.#dispatcher.current;
    if (thread?.kind === 'task') return thread;
    return this.#dispatcher.fail(`${call}: a handler is not a task`);
  }

  #known(id: number, call: string): Thread {
    return this.#tasks.get(id) ?? this.#dispatcher.fail(`${call}(${id}): there is no such task`);
  }

  #level(priority: number, call: string): number {
    if (priority >= 0 && priority <= LEAST_URGENT) return levelOfTask(priority);
    return this.#dispatcher.fail(`${call}: ${priority} is no priority of a task (0…${LEAST_URGENT})`);
  }

  #takeCode(id: number): number {
    const code = this.#codes.get(id);
    if (code === undefined) return this.#dispatcher.fail(`join(${id}): there is no such task, or it was joined before`);
    this.#codes.delete(id);
    return code;
  }

  #finished(thread: Thread): void {
    if (thread.kind !== 'task') return;
    const { result } = thread.home.fiber!;
    if (typeof result === 'number') thread.exitCode = result;
    this.#tasks.delete(thread.id);
    if (thread.joiners.length === 0) this.#codes.set(thread.id, thread.exitCode);
    if (this.#codes.size > CODES_KEPT) this.#codes.delete(this.#codes.keys().next().value!);
    this.#host.log('finish', { task: thread.id, code: thread.exitCode });
  }
}

/**
 * The scheduler of tasks once more, small and obvious, written from docs/stacks.md: a list of who is ready, looked through
 * afresh for each decision. Programs are data. Only `work` and `sleep` take time; what the real machine takes for the rest is
 * little, and where that little could make a difference the model says that it cannot tell.
 */

export type Op =
  | { readonly do: 'say'; readonly n: number }
  | { readonly do: 'yield' | 'park' }
  | { readonly do: 'sleep' | 'work'; readonly us: number }
  /** Of a program further down the list, so that there is an end. */
  | { readonly do: 'spawn'; readonly further: number; readonly priority: number }
  /** Says the code. */
  | { readonly do: 'join'; readonly task: number }
  | { readonly do: 'wake'; readonly task: number }
  | { readonly do: 'priority'; readonly task: number; readonly priority: number }
  | { readonly do: 'exit'; readonly code: number }
  /** A handler says its line and 1000, wakes a task, sleeps if it is to, and says its line and 2000. */
  | { readonly do: 'interrupt'; readonly line: number; readonly task: number; readonly us: number };

export type Program = readonly Op[];

export interface Modelled {
  readonly said: readonly number[];
  readonly end: 'exit' | 'deadlock' | 'error';
}

const MAIN_PRIORITY = 128;
/** Handlers come before all tasks. */
const HANDLER = -1;
/** Closer events than this are not told apart. */
const CLOSE_US = 25;

class Thread {
  priority: number;
  at = 0;
  /** Of the work that it is in the middle of. */
  workLeft = 0;
  wakesAt: number | undefined;
  parked = false;
  token = false;
  ended = false;
  readonly joiners: Thread[] = [];
  readonly ops: Program;
  readonly programIndex: number;

  constructor(priority: number, programIndex: number, ops: Program) {
    this.priority = priority;
    this.programIndex = programIndex;
    this.ops = ops;
  }
}

class Unclear extends Error {}
class Ended extends Error {
  readonly end: Modelled['end'];
  constructor(end: Modelled['end']) {
    super(end);
    this.end = end;
  }
}

export class ModelScheduler {
  readonly said: number[] = [];
  readonly #programs: readonly Program[];
  readonly #slice: number;
  readonly #tasks: Thread[] = [];
  /** Codes of ended tasks that nobody has asked for. */
  readonly #codes = new Map<number, number>();
  readonly #busyLines = new Map<Thread, number>();
  #ready: Thread[] = [];
  /** Those who come from the back of the queue have a whole slice before them. */
  readonly #fresh = new Set<Thread>();
  /** What the join gives that they wait in. */
  readonly #afterJoin = new Map<Thread, number>();
  #sleeping: Thread[] = [];
  #latest: Thread;
  #sliceEnd = 0;
  #now = 0;

  constructor(programs: readonly Program[], slice_us: number) {
    this.#programs = programs;
    this.#slice = slice_us;
    this.#latest = new Thread(MAIN_PRIORITY, 0, programs[0]!);
    this.#tasks.push(this.#latest);
    this.#back(this.#latest);
  }

  /** Undefined where it cannot tell. */
  run(): Modelled | undefined {
    try {
      for (;;) this.#turn();
    } catch (stop) {
      if (stop instanceof Ended) return { said: this.said, end: stop.end };
      if (stop instanceof Unclear) return undefined;
      throw stop;
    }
  }

  #turn(): void {
    while (this.#ready.length === 0) {
      if (this.#sleeping.length === 0) throw new Ended('deadlock');
      this.#passUntil(Infinity);
    }
    const thread = this.#mostUrgent()!;
    this.#ready.splice(this.#ready.indexOf(thread), 1);
    if (thread !== this.#latest || this.#fresh.has(thread)) this.#sliceEnd = this.#now + this.#slice;
    this.#fresh.delete(thread);
    this.#latest = thread;
    for (let goesOn = true; goesOn; ) goesOn = this.#step(thread) && !this.#makesWay(thread);
  }

  #back(thread: Thread): void {
    this.#ready.push(thread);
    this.#fresh.add(thread);
  }

  #mostUrgent(): Thread | undefined {
    const first = Math.min(...this.#ready.map(({ priority }) => priority));
    return this.#ready.find(({ priority }) => priority === first);
  }

  /** @returns whether somebody else is to run. */
  #makesWay(thread: Thread): boolean {
    const top = this.#mostUrgent();
    if (top === undefined || top.priority > thread.priority) return false;
    if (top.priority < thread.priority) {
      this.#ready.unshift(thread);
      return true;
    }
    if (thread.priority === HANDLER || this.#now < this.#sliceEnd) return false;
    this.#back(thread);
    return true;
  }

  /** Lets time pass until this moment, or until somebody wakes. @returns whether it was the moment. */
  #passUntil(moment: number, others: readonly number[] = []): boolean {
    const times = [...this.#sleeping.map(({ wakesAt }) => wakesAt!), moment, ...others].sort((a, b) => a - b);
    // Events that are close to the next one could come in either order.
    if (times.length > 1 && times[1]! - times[0]! < CLOSE_US) throw new Unclear();
    this.#now = times[0]!;
    if (this.#now === moment || others.includes(this.#now)) return this.#now === moment;
    const woken = this.#sleeping.find(({ wakesAt }) => wakesAt === this.#now)!;
    this.#sleeping = this.#sleeping.filter((each) => each !== woken);
    this.#back(woken);
    return false;
  }

  /** @returns whether the thread goes on. */
  #step(thread: Thread): boolean {
    const code = this.#afterJoin.get(thread);
    if (code !== undefined) {
      this.#afterJoin.delete(thread);
      this.said.push(code);
      return true;
    }
    if (thread.workLeft > 0) return this.#work(thread);
    const op = thread.ops[thread.at++];
    if (op === undefined) return this.#end(thread, 0);
    switch (op.do) {
      case 'say':
        this.said.push(op.n);
        return true;
      case 'yield':
        if ((this.#mostUrgent()?.priority ?? Infinity) > thread.priority) return true;
        this.#back(thread);
        return false;
      case 'park':
        if (thread.token) {
          thread.token = false;
          return true;
        }
        thread.parked = true;
        return false;
      case 'sleep':
        thread.wakesAt = this.#now + op.us;
        this.#sleeping.push(thread);
        return false;
      case 'work':
        thread.workLeft = op.us;
        return this.#work(thread);
      case 'spawn': {
        const index = thread.programIndex + op.further;
        const task = new Thread(op.priority, index, this.#programs[index] ?? []);
        this.#tasks.push(task);
        this.#back(task);
        return true;
      }
      case 'join':
        return this.#join(thread, op.task);
      case 'wake':
        this.#wake(op.task);
        return true;
      case 'priority': {
        const task = this.#alive(op.task);
        task.priority = op.priority;
        if (this.#ready.includes(task)) {
          this.#ready = this.#ready.filter((each) => each !== task);
          this.#ready.push(task);
        }
        return true;
      }
      case 'exit':
        return this.#end(thread, op.code);
      case 'interrupt':
        this.#interrupt(op);
        return true;
    }
  }

  #work(thread: Thread): boolean {
    const end = this.#now + thread.workLeft;
    const equals = this.#ready.some(({ priority }) => priority === thread.priority);
    const before = this.#now;
    // Where an equal comes by just then, it makes a difference whether the slice has ended.
    if (!equals && this.#sleeping.some(({ wakesAt }) => Math.abs(wakesAt! - this.#sliceEnd) < CLOSE_US))
      throw new Unclear();
    const sliceEnds = equals && this.#sliceEnd > this.#now ? [this.#sliceEnd] : [];
    this.#passUntil(end, sliceEnds);
    thread.workLeft -= this.#now - before;
    return true;
  }

  #join(thread: Thread, id: number): boolean {
    const task = this.#tasks[id];
    if (task === thread) throw new Ended('error');
    if (task !== undefined && !task.ended) {
      task.joiners.push(thread);
      return false;
    }
    const code = this.#codes.get(id);
    if (code === undefined) throw new Ended('error');
    this.#codes.delete(id);
    this.said.push(code);
    return true;
  }

  #alive(id: number): Thread {
    const task = this.#tasks[id];
    if (task === undefined || task.ended) throw new Ended('error');
    return task;
  }

  #wake(id: number): void {
    const task = this.#tasks[id];
    if (task === undefined) throw new Ended('error');
    if (task.ended) return;
    if (!task.parked) task.token = true;
    else {
      task.parked = false;
      this.#back(task);
    }
  }

  #interrupt({ line, task, us }: Extract<Op, { do: 'interrupt' }>): void {
    // Pending until its handler is done: not modelled.
    if ([...this.#busyLines.values()].includes(line)) throw new Unclear();
    this.said.push(1000 + line);
    this.#wake(task);
    if (us === 0) {
      this.said.push(2000 + line);
      return;
    }
    const handler = new Thread(HANDLER, 0, [{ do: 'say', n: 2000 + line }]);
    handler.wakesAt = this.#now + us;
    this.#busyLines.set(handler, line);
    this.#sleeping.push(handler);
  }

  #end(thread: Thread, code: number): false {
    if (thread === this.#tasks[0]) throw new Ended('exit');
    thread.ended = true;
    if (this.#busyLines.delete(thread)) return false;
    const id = this.#tasks.indexOf(thread);
    if (thread.joiners.length === 0) this.#codes.set(id, code);
    for (const joiner of thread.joiners) {
      this.#afterJoin.set(joiner, code);
      this.#back(joiner);
    }
    return false;
  }
}

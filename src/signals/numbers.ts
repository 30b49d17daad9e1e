/**
 * Signal numbers, names and default actions, as Linux has them on x86-64 and ARM (signal(7)), for 1 … 64.
 * What a process does with them is dispositions.ts.
 */

/** signal(7): Term, Ign, Core, Stop, Cont. */
export type DefaultAction = 'terminate' | 'ignore' | 'core' | 'stop' | 'continue';

const STANDARD: readonly (readonly [name: string, number: number, action: DefaultAction])[] = [
  ['SIGHUP', 1, 'terminate'],
  ['SIGINT', 2, 'terminate'],
  ['SIGQUIT', 3, 'core'],
  ['SIGILL', 4, 'core'],
  ['SIGTRAP', 5, 'core'],
  ['SIGABRT', 6, 'core'],
  ['SIGBUS', 7, 'core'],
  ['SIGFPE', 8, 'core'],
  ['SIGKILL', 9, 'terminate'],
  ['SIGUSR1', 10, 'terminate'],
  ['SIGSEGV', 11, 'core'],
  ['SIGUSR2', 12, 'terminate'],
  ['SIGPIPE', 13, 'terminate'],
  ['SIGALRM', 14, 'terminate'],
  ['SIGTERM', 15, 'terminate'],
  ['SIGSTKFLT', 16, 'terminate'],
  ['SIGCHLD', 17, 'ignore'],
  ['SIGCONT', 18, 'continue'],
  ['SIGSTOP', 19, 'stop'],
  ['SIGTSTP', 20, 'stop'],
  ['SIGTTIN', 21, 'stop'],
  ['SIGTTOU', 22, 'stop'],
  ['SIGURG', 23, 'ignore'],
  ['SIGXCPU', 24, 'core'],
  ['SIGXFSZ', 25, 'core'],
  ['SIGVTALRM', 26, 'terminate'],
  ['SIGPROF', 27, 'terminate'],
  ['SIGWINCH', 28, 'ignore'],
  ['SIGIO', 29, 'terminate'],
  ['SIGPWR', 30, 'terminate'],
  ['SIGSYS', 31, 'core'],
];

export const SIGILL = 4;
export const SIGABRT = 6;
export const SIGFPE = 8;
export const SIGKILL = 9;
export const SIGSEGV = 11;
export const SIGALRM = 14;
export const SIGCONT = 18;
export const SIGSTOP = 19;
export const SIGVTALRM = 26;
export const SIGPROF = 27;

/** The first and last real-time signals that a program sees (signal(7); 32 and 33 belong to the C library). */
export const SIGRTMIN = 34;
export const SIGRTMAX = 64;
/** From here on signals queue. */
export const SIGRTMIN_KERNEL = 32;

export function isSignal(number: number): boolean {
  return number >= 1 && number <= SIGRTMAX;
}

/** Faults of the program's own: delivered before all others (Linux, SYNCHRONOUS_MASK). */
export function isSynchronous(number: number): boolean {
  return number === SIGILL || number === 5 || number === 7 || number === SIGFPE || number === SIGSEGV || number === 31;
}

const NUMBER_BY_NAME = new Map(STANDARD.map(([name, number]) => [name, number]));
const BY_NUMBER = new Map(STANDARD.map(([name, number, action]) => [number, { name, action }]));

/** All names that `signalNumber` takes, for suggestions. */
export const SIGNAL_NAMES: readonly string[] = [...NUMBER_BY_NAME.keys(), 'SIGRTMIN', 'SIGRTMAX'];

/**
 * The number of `SIGUSR1`, `USR1`, `SIGRTMIN+2`, `SIGRTMAX-1`, `SIG32` or `10`; undefined when there is no such signal.
 *
 * @example signalNumber('SIGUSR1') // 10
 */
export function signalNumber(text: string): number | undefined {
  const name = text.trim().toUpperCase();
  const digits = /^(?:SIG)?(\d+)$/.exec(name);
  if (digits !== null) return inRange(Number(digits[1]));
  const full = name.startsWith('SIG') ? name : `SIG${name}`;
  const realtime = /^SIGRT(MIN|MAX)(?:([+-])(\d+))?$/.exec(full);
  if (realtime === null) return NUMBER_BY_NAME.get(full);
  const base = realtime[1] === 'MIN' ? SIGRTMIN : SIGRTMAX;
  const distance = Number(realtime[3] ?? 0) * (realtime[2] === '-' ? -1 : 1);
  const number = base + distance;
  return number >= SIGRTMIN && number <= SIGRTMAX ? number : undefined;
}

function inRange(number: number): number | undefined {
  return number >= 1 && number <= SIGRTMAX ? number : undefined;
}

/** `SIGUSR1`, or `SIGRTMIN+2` for a real-time signal. */
export function signalName(number: number): string {
  const standard = BY_NUMBER.get(number);
  if (standard !== undefined) return standard.name;
  if (number === SIGRTMAX) return 'SIGRTMAX';
  return number === SIGRTMIN ? 'SIGRTMIN' : number > SIGRTMIN ? `SIGRTMIN+${number - SIGRTMIN}` : `SIG${number}`;
}

/** What the signal does to a program that has no handler for it. Real-time signals terminate. */
export function defaultAction(number: number): DefaultAction {
  return BY_NUMBER.get(number)?.action ?? 'terminate';
}

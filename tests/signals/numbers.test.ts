/** Signals have Linux's numbers, names and default actions (signal(7)), and every name leads back to its number. */
import test from 'ava';
import {
  defaultAction,
  SIGNAL_NAMES,
  SIGRTMAX,
  SIGRTMIN,
  signalName,
  signalNumber,
} from '../../src/signals/numbers.ts';

/** signal(7), "Signal numbering for standard signals", x86/ARM column, and "Standard signals". */
const LINUX: readonly (readonly [number, string, string])[] = [
  [1, 'SIGHUP', 'Term'],
  [2, 'SIGINT', 'Term'],
  [3, 'SIGQUIT', 'Core'],
  [4, 'SIGILL', 'Core'],
  [5, 'SIGTRAP', 'Core'],
  [6, 'SIGABRT', 'Core'],
  [7, 'SIGBUS', 'Core'],
  [8, 'SIGFPE', 'Core'],
  [9, 'SIGKILL', 'Term'],
  [10, 'SIGUSR1', 'Term'],
  [11, 'SIGSEGV', 'Core'],
  [12, 'SIGUSR2', 'Term'],
  [13, 'SIGPIPE', 'Term'],
  [14, 'SIGALRM', 'Term'],
  [15, 'SIGTERM', 'Term'],
  [16, 'SIGSTKFLT', 'Term'],
  [17, 'SIGCHLD', 'Ign'],
  [18, 'SIGCONT', 'Cont'],
  [19, 'SIGSTOP', 'Stop'],
  [20, 'SIGTSTP', 'Stop'],
  [21, 'SIGTTIN', 'Stop'],
  [22, 'SIGTTOU', 'Stop'],
  [23, 'SIGURG', 'Ign'],
  [24, 'SIGXCPU', 'Core'],
  [25, 'SIGXFSZ', 'Core'],
  [26, 'SIGVTALRM', 'Term'],
  [27, 'SIGPROF', 'Term'],
  [28, 'SIGWINCH', 'Ign'],
  [29, 'SIGIO', 'Term'],
  [30, 'SIGPWR', 'Term'],
  [31, 'SIGSYS', 'Core'],
];
const ACTIONS: Readonly<Record<string, string>> = {
  Term: 'terminate',
  Ign: 'ignore',
  Core: 'core',
  Stop: 'stop',
  Cont: 'continue',
};

test('standard signals are those of signal(7)', (t) => {
  for (const [number, name, action] of LINUX) {
    t.is(signalNumber(name), number);
    t.is(signalNumber(name.slice(3)), number);
    t.is(signalNumber(` ${name.toLowerCase()} `), number);
    t.is(signalName(number), name);
    t.is(defaultAction(number), ACTIONS[action] as never, name);
  }
});

test('every signal has a name that leads back to it', (t) => {
  for (let number = 1; number <= 64; number++) {
    t.is(signalNumber(String(number)), number);
    t.is(signalNumber(signalName(number)), number, signalName(number));
  }
  for (const name of SIGNAL_NAMES) t.not(signalNumber(name), undefined, name);
});

test('real-time signals count from both ends, and terminate', (t) => {
  t.is(signalNumber('SIGRTMIN'), 34);
  t.is(signalNumber('RTMIN+2'), 36);
  t.is(signalNumber('SIGRTMAX-1'), 63);
  t.is(signalNumber('SIGRTMAX'), 64);
  t.deepEqual([signalName(34), signalName(40), signalName(64)], ['SIGRTMIN', 'SIGRTMIN+6', 'SIGRTMAX']);
  for (let number = SIGRTMIN; number <= SIGRTMAX; number++) t.is(defaultAction(number), 'terminate');
});

test('what is no signal has no number', (t) => {
  for (const text of [
    '',
    'SIG',
    'SIGNOPE',
    '0',
    '65',
    '-1',
    '1.5',
    'SIGRTMIN-1',
    'SIGRTMAX+1',
    'SIGRTMIN+31',
    'SIGRTMIN+',
    'SIG0',
    'SIG65',
    'constructor',
    '__proto__',
  ]) {
    t.is(signalNumber(text), undefined, text);
  }
});

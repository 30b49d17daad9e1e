/** The conformance suite over tasks, handlers, signals and promises (conform.ts says what it checks). */
import { conform } from './conform.ts';
import { HANDLERS } from './handlers.ts';
import { PROMISES } from './promises.ts';
import { SIGNALS } from './signals.ts';
import { TASKS } from './tasks.ts';

conform([...TASKS, ...HANDLERS, ...SIGNALS, ...PROMISES]);

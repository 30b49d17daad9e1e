/** The thread that a machine in real time runs on: the same run as in virtual time, with a link to the board. */
import { workerData } from 'node:worker_threads';
import { CoreLink, type CoreLinkOptions } from '../host/core-link.ts';
import { complain } from './complain.ts';
import type { CoreData } from './real-time.ts';
import { runFile, takesArguments } from './run.ts';
import { readRunOptions } from './run-options.ts';

type Link = Pick<CoreLinkOptions, 'port' | 'bell' | 'lines' | 'origin'>;

const { argv, bytes, link } = workerData as CoreData & { readonly link: Link };
const options = (await readRunOptions(argv, (file) => takesArguments(file, bytes)))!;
const core = new CoreLink({
  ...link,
  ratio: options.rtRatio,
  native: options.machine.preempt === 'native',
  forwards: options.forwardSignals,
  controlled: options.control !== undefined,
});
core.end(await runFile(options, bytes, core).catch(complain));

/** Connects a script with the machine that it acts on. */
import { duration } from '../clock/instant.ts';
import { describeEnd } from '../scheduler/outcome.ts';
import type { MachineCore } from './core.ts';
import { type Script, ScriptDriver } from './script.ts';

/** How long, in machine time, handlers may take that a script raised with its last step. */
const HANDLING_AFTER_SCRIPT = duration(1e9);

/** Takes the script forward each time the machine's loop runs, and ends the run when it is done. */
export function attendScript(script: Script, core: MachineCore): ScriptDriver {
  const { loop } = core;
  const driver = new ScriptDriver(script, {
    now: () => core.clock.now,
    alarm: (fire) => loop.timeline.create(fire),
    ended: () => (loop.outcome === undefined ? undefined : describeEnd(loop.outcome)),
  });
  const finish = () => loop.conclude({ kind: 'finished' });
  const patience = loop.timeline.create(finish);
  let depth = 0;
  loop.attendWith(() => {
    if (loop.outcome !== undefined) return;
    if (driver.done) {
      if (core.controller.depth <= depth && core.controller.mostUrgent() === undefined) finish();
      return;
    }
    driver.advance();
    if (!driver.done) return;
    if (driver.failure !== undefined) finish();
    // What the last step raised is still delivered and handled, within reason.
    depth = core.controller.depth;
    patience.after(HANDLING_AFTER_SCRIPT);
    loop.attend();
  });
  return driver;
}

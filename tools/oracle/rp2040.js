// Runs a scenario on rp2040js, an emulator of the RP2040 (two Cortex-M0+): `node rp2040.js image.bin`, the image for
// address 0. Writes the scenario's log to standard output; exits 0 when the scenario ended, 3 when it waits for ever,
// 4 when it does not end. The image takes the place of the boot ROM. Of the chip only the first core and its
// private peripherals take part. A process of its own, so that nothing can hang the recorder.
import { readFileSync, writeSync } from 'node:fs';
import { ConsoleLogger, LogLevel, Simulator } from 'rp2040js';

const NANOSECONDS_A_CYCLE = 8;
const MOST_INSTRUCTIONS = 20_000_000;
const SEMIHOSTING = 0xab;
const SYS_WRITE0 = 0x04;
const SYS_EXIT = 0x18;
const EXIT_WAITS_FOR_EVER = 3;
const EXIT_NO_END = 4;

const { clock, rp2040: chip } = new Simulator();
chip.logger = new ConsoleLogger(LogLevel.Error, false);
const image = readFileSync(process.argv[2]);
const padded = Buffer.concat([image, Buffer.alloc(-image.length & 3)]);
chip.loadBootrom(new Uint32Array(padded.buffer, padded.byteOffset, padded.length / 4));
const { core } = chip;
core.VTOR = 0;
core.reset();

/**
 * Writing SYST_CVR makes the counter 0, and the next clock loads the reload value (ARMv6-M B3.3.1). Here the counter
 * that reads 0 raises SysTick at once, so that every scenario with it would show that and nothing else.
 */
const SYST_CVR = 0x18;
const writeRegister = chip.ppb.writeUint32.bind(chip.ppb);
chip.ppb.writeUint32 = (offset, value) => {
  if (offset === SYST_CVR) chip.ppb.systickTimer.set(chip.ppb.systickReload);
  else writeRegister(offset, value);
};

let ended = false;
chip.onBreak = (code) => {
  if (code !== SEMIHOSTING) throw new Error(`break ${code} at ${core.PC.toString(16)}`);
  const operation = core.registers[0];
  if (operation === SYS_WRITE0) writeText(core.registers[1]);
  else if (operation === SYS_EXIT) ended = true;
};

function writeText(start) {
  const bytes = [];
  for (let at = start; chip.readUint8(at) !== 0; at++) bytes.push(chip.readUint8(at));
  writeSync(1, Buffer.from(bytes));
}

/** As the package's own Simulator, which however never ends a wait for SysTick: it asks the core after every alarm. */
function step() {
  if (!core.waiting) {
    clock.tick(core.executeInstruction() * NANOSECONDS_A_CYCLE);
    return;
  }
  if (core.checkForInterrupts()) {
    core.waiting = false;
    return;
  }
  if (clock.nextAlarm === null) process.exit(EXIT_WAITS_FOR_EVER);
  clock.tick(clock.nanosToNextAlarm);
}

for (let count = 0; !ended && count < MOST_INSTRUCTIONS; count++) step();
if (!ended) process.exitCode = EXIT_NO_END;

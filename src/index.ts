/**
 * wirq as a library: load firmware into a Machine, inject interrupts, run it, look at what came of it.
 * What is exported here is the public API; everything else may change without notice.
 */
export { type Duration, duration, formatDuration, type Instant, instant, parseDuration } from './clock/instant.ts';
export type { NativeInterrupts, Outside, RealTime } from './clock/real-time.ts';
export type { Board, Device, DeviceAccount, ResetCause } from './devices/device.ts';
export type { Level } from './devices/gpio.ts';
export { type ErrorCode, type Place, WirqError } from './errors.ts';
export type {
  AsyncCall,
  GivenFunction,
  GivenModules,
  GuestOfHost,
  HostFunction,
  HostModule,
  RejectionException,
} from './guests/interface.ts';
export type { Preopen } from './guests/wasi-directory.ts';
export { type AsyncifyOptions, loadAsyncify } from './host/asyncify.ts';
export { openPreopen } from './host/directory.ts';
export { Doorbell } from './host/doorbell.ts';
export { enableStackSwitching } from './host/engine.ts';
export { sourceMapsBeside } from './host/source-map-file.ts';
export { type WallTimeOptions, wallTime } from './host/wall-clock.ts';
export type { BoardOptions, WaveformOptions } from './machine/board-options.ts';
export type { EventDetails, EventKind, EventListener, MachineEvent } from './machine/events.ts';
export { type Inspection, inspectModule } from './machine/inspection.ts';
export { Machine, type WaitFor } from './machine/machine.ts';
export type { Delivery, IrqConfig, MachineOptions, Preemption, Time } from './machine/options.ts';
export type { LineResult, RunResult } from './machine/result.ts';
export { type Script, type Wait, WaitError } from './machine/script.ts';
export type { DeviceBoard, DeviceClass, DeviceOptions, UserDevice } from './machine/user-devices.ts';
export { verifyRewriting } from './machine/verify.ts';
export type { Repetition, When } from './machine/when.ts';
export { type HookNames, type Instrumented, type InstrumentOptions, instrument } from './rewrite/instrument.ts';
export { parseInjection, parseSignalInjection } from './scenario/injection.ts';
export { machineOptions } from './scenario/machine-section.ts';
export { parseScenario } from './scenario/parse.ts';
export { type FailedExpectation, ScenarioPlayer, type Verdict } from './scenario/player.ts';
export type { Scenario } from './scenario/scenario.ts';
export { exitCode, type Frame, type Outcome } from './scheduler/outcome.ts';
export type { Asyncify } from './stacks/asyncify.ts';
export type { BackendName } from './stacks/backend.ts';
export { RunDigest } from './trace/digest.ts';
export { formatEvent } from './trace/jsonl.ts';
export {
  type RecordedMachine,
  type RecordOptions,
  recordMachine,
  replayMachine,
} from './trace/record-machine.ts';
export { Replay, type ReplayOptions, type Until } from './trace/replayer.ts';
export type { SourcePosition } from './wasm/debug-line.ts';
export type { LoadSourceMap } from './wasm/source-map.ts';
export { type DebugInformation, SourcePositions } from './wasm/source-positions.ts';

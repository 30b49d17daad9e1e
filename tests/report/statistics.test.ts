/** The table of `--stats`. */
import test from 'ava';
import { formatStatistics } from '../../src/report/statistics.ts';
import { summarize } from '../../src/report/summary.ts';
import { resultOf } from './results.ts';

const output = { stdout: 0, stderr: 0 };
const counts = { coalesced: 0, cleared: 0, dropped: 0, overrun: 0, pending: false };

test('a row a line, distributions in full, and where interrupts were masked', (t) => {
  const spread = { min: 0, median: 125, p99: 250, max: 1_000_000 };
  const result = resultOf(
    { kind: 'exit', code: 0 },
    {
      lines: [
        { ...counts, name: 'BUTTON', line: 3, raised: 3, delivered: 2, cleared: 1 },
        { ...counts, name: 'IRQ7', line: 7, raised: 12, delivered: 12, overrun: 4 },
        { ...counts, name: 'SysTick', line: -1, raised: 1, delivered: 0, pending: true },
      ],
      deepestNesting: 2,
      handlerStack: { origin: 'declared', bytes: 2048, highWaterMark: 96 },
      stacks: { by: 'wasmfx', bytes: 8192, highWaterMark: 240 },
      statistics: {
        lines: [
          { name: 'BUTTON', line: 3, latency: spread, latencyInstructions: { ...spread, max: 300 }, duration: spread },
          { name: 'IRQ7', line: 7, latency: spread, latencyInstructions: spread, duration: null },
        ],
        masked: {
          from: 5_000,
          time: 2_500,
          instructions: 40,
          place: { function: 'pump', offset: 77, source: { file: 'pump.c', line: 12 } },
        },
      },
    },
  );
  t.is(
    formatStatistics(summarize({ result, output })),
    `line     raised  delivered  coalesced  dropped  overrun                    latency             instructions                    handler
BUTTON        3          2          0        1        0  0ns / 125ns / 250ns / 1ms      0 / 125 / 250 / 300  0ns / 125ns / 250ns / 1ms
IRQ7         12         12          0        0        4  0ns / 125ns / 250ns / 1ms  0 / 125 / 250 / 1000000                          -
SysTick       1          0          0        0        0                          -                        -                          -
nesting: 2 deep at most
handler stack: 96 of 2048 bytes used at most
stacks of tasks: 240 of 8192 bytes used at most (by wasmfx)
longest masked: 2.5us, 40 instructions, from 5us, until pump (pump.c:12)
`,
  );
});

test('a run without interrupts', (t) => {
  t.is(
    formatStatistics(summarize({ result: resultOf({ kind: 'idle' }), output })),
    'no line was raised\nnesting: 0 deep at most\ninterrupts were never masked\n',
  );
});

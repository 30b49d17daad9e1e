/** The table of docs/controller.md, written from the scenarios' own comments: what is compared, and with what outcome. */
import { EMULATORS, type Emulator, type Scenario } from './scenarios.ts';

/** In the order in which the controller is best explained. */
const SENTENCES = [
  'Enabled, pending, active',
  'Software pend and clear',
  'Edge and level triggering',
  'Priority bits',
  'Priority grouping: preemption and sub-priority',
  'Arbitration by priority, then by number',
  'Nesting',
  'Tail-chaining',
  'Late arrival',
  'Return to thread mode',
  'Sleep-on-exit',
  'PRIMASK',
  'FAULTMASK',
  'BASEPRI',
  'Wake-up from wfi under each mask',
  'wfe, sev and the event register',
  'NMI',
  'SVCall and PendSV',
  'SysTick',
  'Faults, HardFault and lock-up',
  'Reset',
  'Vectors',
  'All of it together',
];

export const TABLE_START = '<!-- the table is written by npm run oracle -->';
export const TABLE_END = '<!-- end of the table -->';

export function table(all: readonly Scenario[]): string {
  const unknown = all.filter(({ sentence }) => !SENTENCES.includes(sentence));
  if (unknown.length > 0) throw new Error(`no such sentence: ${unknown.map(({ name }) => name).join(', ')}`);
  const rows = SENTENCES.flatMap((sentence) => rowsOf(all.filter((each) => each.sentence === sentence)));
  return `
| | scenario | what it shows | manual | Cortex-M3 (QEMU) | Cortex-M0 (QEMU) | Cortex-M0+ (rp2040js) |
| --- | --- | --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}

function rowsOf(scenarios: readonly Scenario[]): string[] {
  return scenarios.map((scenario, index) => {
    const { name, title, sentence, manual } = scenario;
    const gave = (Object.keys(EMULATORS) as Emulator[]).map((emulator) => outcome(scenario, emulator));
    return `| ${index === 0 ? `**${sentence}**` : ''} | \`${name}\` | ${title} | ${manual} | ${gave.join(' | ')} |`;
  });
}

function outcome({ on, differs }: Scenario, emulator: Emulator): string {
  if (!on.includes(emulator)) return '–';
  const why = differs.get(emulator);
  return why === undefined ? 'same' : `differs: ${why}`;
}

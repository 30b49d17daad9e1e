/**
 * The part of `wirq/board` that brings values into memory: the analogue-to-digital converter, DMA channels, entropy.
 * Addresses are checked when a transfer is started, so that a wrong one is blamed on the call that gave it.
 */
import { ADC_CHANNEL_COUNT, type Adc } from '../devices/adc.ts';
import { DMA_CHANNEL_COUNT, type Dma, SAMPLE_BYTES } from '../devices/dma.ts';
import type { Entropy } from '../devices/entropy.ts';
import { TIMER_COUNT } from '../devices/timer.ts';
import type { HostModule } from './interface.ts';
import { guestBytes } from './memory.ts';

export interface TransferMachine {
  readonly adc: Adc;
  readonly dma: Dma;
  readonly entropy: Pick<Entropy, 'word' | 'fill'>;
  memory(): WebAssembly.Memory | undefined;
  fail(message: string): never;
}

const DONE = 0;
const BUSY = 1;

export function transferFunctions(machine: TransferMachine): HostModule {
  const bytesAt = (pointer: number, length: number, call: string): Uint8Array =>
    guestBytes(machine.memory(), pointer, length) ??
    machine.fail(`${call}: ${length >>> 0} bytes at 0x${(pointer >>> 0).toString(16)} do not lie in memory`);
  const input = (channel: number, call: string): number => {
    if (channel >= 0 && channel < ADC_CHANNEL_COUNT) return channel;
    return machine.fail(`${call}: there is no analogue channel ${channel} (channels are 0…${ADC_CHANNEL_COUNT - 1})`);
  };
  return {
    adc_read: { signature: 'i>i', call: (channel: number) => machine.adc.read(input(channel, 'adc_read')) },
    entropy_word: { signature: '>i', call: () => machine.entropy.word() },
    entropy_fill: {
      signature: 'ii>',
      call: (pointer: number, length: number) => machine.entropy.fill(bytesAt(pointer, length, 'entropy_fill')),
    },
    ...dmaFunctions(machine, bytesAt, input),
  };
}

function dmaFunctions(
  machine: TransferMachine,
  bytesAt: (pointer: number, length: number, call: string) => Uint8Array,
  input: (channel: number, call: string) => number,
): HostModule {
  const checked = (id: number, call: string): number => {
    if (id >= 0 && id < DMA_CHANNEL_COUNT) return id;
    return machine.fail(`${call}: there is no DMA channel ${id} (channels are 0…${DMA_CHANNEL_COUNT - 1})`);
  };
  return {
    dma_copy: {
      signature: 'iiii>i',
      call: (id: number, to: number, from: number, length: number) => {
        if (machine.dma.isBusy(checked(id, 'dma_copy'))) return BUSY;
        bytesAt(to, length, 'dma_copy');
        bytesAt(from, length, 'dma_copy');
        machine.dma.copy(id, to >>> 0, from >>> 0, length >>> 0);
        return DONE;
      },
    },
    dma_sample: {
      signature: 'iiiiii>i',
      call: (id: number, channel: number, timer: number, to: number, count: number, circular: number) => {
        if (machine.dma.isBusy(checked(id, 'dma_sample'))) return BUSY;
        if (timer < 0 || timer >= TIMER_COUNT) return machine.fail(`dma_sample: there is no timer ${timer}`);
        if (count < 1) return machine.fail(`dma_sample: ${count} is not a number of samples`);
        bytesAt(to, count * SAMPLE_BYTES, 'dma_sample');
        const source = { timer, input: input(channel, 'dma_sample') };
        machine.dma.sample(id, { ...source, to: to >>> 0, count, circular: circular !== 0 });
        return DONE;
      },
    },
    dma_stop: { signature: 'i>', call: (id: number) => machine.dma.stop(checked(id, 'dma_stop')) },
    dma_remaining: { signature: 'i>i', call: (id: number) => machine.dma.remaining(checked(id, 'dma_remaining')) },
  };
}

import { latencyTable, measureLatency } from './latency.ts';

const p = process.argv[2] as 'native';
console.log(latencyTable([await measureLatency(p, true)]));

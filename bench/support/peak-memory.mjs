// Preloaded into a process that is measured: leaves its peak resident set, in kilobytes, in a file.
import { writeFileSync } from 'node:fs';

process.on('exit', () => writeFileSync(process.env.POSTULATE_BENCH_PEAK, String(process.resourceUsage().maxRSS)));

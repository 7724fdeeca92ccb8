// Preloaded into a process that is measured: leaves in a file, at its end, what it has used.
import { writeFileSync } from 'node:fs';

process.on('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  const usage = { peakMegabytes: maxRSS / 1024, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6 };
  writeFileSync(process.env.POSTULATE_BENCH_USAGE, JSON.stringify(usage));
});

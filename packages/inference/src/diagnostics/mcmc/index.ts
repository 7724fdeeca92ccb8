export { bulkEss, chainStandardError, meanEss, tailEss } from './ess.ts';
export { rHat } from './r-hat.ts';
export { pooled, type ChainValues } from './ranks.ts';

export { arpa } from './arpa/arpa.ts';
export { bigram, type BigramRows } from './bigram.ts';
export { denseLog, nextContext, probability, rawWeight } from './table-lookup.ts';
export { tableModel } from './table-model.ts';
export { tabular } from './tabular.ts';

export { fittedPolicy, type FittedPlace } from './fitted.ts';
export { packModel, POLICY_FILE, unpackModel } from './model-file.ts';
export { readStoredTable } from './read-stored-table.ts';
export { tablePolicy } from './table-policy.ts';

export { readStoredTable } from './read-stored-table.ts';
export { tablePolicy } from './table-policy.ts';

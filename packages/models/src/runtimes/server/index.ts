export { connect, type ConnectOptions } from './connect.ts';
export type { Dialect } from './dialect.ts';
export { serverPrior, type ServerPriorOptions } from './server-prior.ts';

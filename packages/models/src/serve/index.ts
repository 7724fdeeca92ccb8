export { serve, type RunningServer, type ServeOptions } from './http-server.ts';
export { servedPrior, type Served } from './served.ts';

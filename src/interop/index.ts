export { cookieDispatcher } from './cookie-dispatcher.ts';
export { cookieFetch, type FetchLike } from './cookie-fetch.ts';
export type { FetchResponse } from './foreign-response.ts';
export { type NodeAgents, nodeAgents } from './node-agents.ts';

// Written by `npm run api`.

import { Transport } from './index.js';

export type MockHandler = (request: Request, n: number) => Response | Promise<Response>;

export declare function mockTransport(handler: MockHandler): Transport;

export { type MockHandler, mockTransport } from './mock-transport.ts';

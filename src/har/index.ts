export type * from './har-format.ts';
export { type MockHandler, mockTransport } from './mock-transport.ts';
export { type HarRecording, type RecordHarOptions, recordHar } from './record-har.ts';

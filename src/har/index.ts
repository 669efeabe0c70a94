export { callLog } from './call-log.ts';
export type { ReplayedRequest, ReplayMatch } from './compare-request.ts';
export { type ExplainCallOptions, explainCall } from './explain-call.ts';
export type * from './har-format.ts';
export { type MockHandler, mockTransport } from './mock-transport.ts';
export { type ReadHarOptions, readHar } from './read-har.ts';
export { type HarRecording, type RecordHarOptions, recordHar } from './record-har.ts';
export type { ReplayMatcher } from './recording.ts';
export { type ReplayHarOptions, ReplayTransport, replayHar } from './replay-har.ts';

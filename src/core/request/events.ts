/** A step of a call, as `onRequestEvent` sees it. Secrets are removed. */
export interface RequestEvent {
  readonly type:
    | 'request_start'
    | 'request_sent'
    | 'response_headers'
    | 'redirect'
    | 'retry'
    | 'body_progress'
    | 'body_complete'
    | 'done'
    | 'error';
  /** Milliseconds since the call started. */
  readonly timestamp: number;
  readonly url?: string;
  readonly status?: number;
  /** Bytes that `content-length` promises, `null` when it is absent. */
  readonly contentLength?: number | null;
  readonly uploadedBytes?: number;
  readonly downloadedBytes?: number;
  readonly total?: number | null;
  readonly message?: string;
  /** Of `retry`: number of the try that comes, counted from 1. */
  readonly attempt?: number;
  /** Of `retry`: milliseconds until it starts. */
  readonly wait?: number;
  /** Of `retry`: the code of the error, or the status of the response that is not taken. */
  readonly reason?: string;
}

/** A step before it is stamped with its time. */
export type CallEvent = Omit<RequestEvent, 'timestamp'>;

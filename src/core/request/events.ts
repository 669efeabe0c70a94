/** The fields of the events of a call; {@link RequestEvent} specifies the fields of each event. */
export interface RequestEventFields {
  /** Milliseconds since the call started. */
  readonly timestamp: number;
  readonly url?: string;
  readonly status?: number;
  /** Bytes that `content-length` promises, `null` when it is absent. */
  readonly contentLength?: number | null;
  readonly uploadedBytes?: number;
  readonly downloadedBytes?: number;
  /** Bytes of the whole body, `null` when they are not known. */
  readonly total?: number | null;
  readonly message?: string;
  /** Number of the next try, counted from 1. */
  readonly attempt?: number;
  /** Milliseconds until it starts. */
  readonly wait?: number;
  /** The code of the error, or the status of the response that is discarded. */
  readonly reason?: string;
}

/** A step of a call for `onRequestEvent`; its properties depend on `type`. Secrets are removed. */
export type RequestEvent = RequestEventFields &
  (
    | { readonly type: 'request_start' | 'request_sent'; readonly url: string }
    | {
        readonly type: 'response_headers';
        readonly url: string;
        readonly status: number;
        readonly contentLength: number | null;
      }
    | { readonly type: 'redirect'; readonly url: string; readonly status: number }
    | { readonly type: 'retry'; readonly attempt: number; readonly wait: number; readonly reason: string }
    | { readonly type: 'body_progress'; readonly url: string; readonly total: number | null }
    | { readonly type: 'body_complete'; readonly url: string; readonly downloadedBytes: number }
    | { readonly type: 'done' }
    | { readonly type: 'error'; readonly message: string }
  );

/** The progress of a body, for `onProgress`. */
export interface Progress {
  readonly direction: 'upload' | 'download';
  /** Bytes as they are on the wire, with the Content-Encoding. */
  readonly loaded: number;
  /** Bytes of the whole body, `null` where they are not known. */
  readonly total: number | null;
  /** Bytes a second since the first of this body, `null` before enough time has passed to measure it. */
  readonly rate: number | null;
  /** Milliseconds for the rest at that rate, `null` where it is not known. */
  readonly eta: number | null;
}

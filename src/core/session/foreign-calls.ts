/** Told of the calls that other clients make with a session's cookies, which its observers do not see. */
export interface ForeignCalls {
  begin(): void;
  /** Told once for each call that began, when it failed or nothing more comes. */
  end(): void;
}

const watched = new WeakMap<object, ForeignCalls>();

/** Lets `calls` be told of those that use the session. */
export function watchForeignCalls(session: object, calls: ForeignCalls): void {
  watched.set(session, calls);
}

/** Says that another client's call uses the session; what is returned says that it no longer does. */
export function beginForeignCall(session: object): () => void {
  const calls = watched.get(session);
  if (calls === undefined) return () => {};
  calls.begin();
  let isOver = false;
  return () => {
    if (isOver) return;
    isOver = true;
    calls.end();
  };
}

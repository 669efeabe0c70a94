import type { ClientRequest } from 'node:http';

/**
 * Notices that a request of Node.js is destroyed, or that its timeout runs out, while it has no socket. Node.js reports
 * neither before it has one, since its own sockets exist at once. Without this, abort and timeouts of a client would
 * have no effect while a connection is made. Both methods are replaced until {@link UnconnectedWatch.stop}.
 */
export interface UnconnectedWatch {
  stop(): void;
}

/** @param onDestroy told once, with the reason */
export function watchUnconnected(
  request: ClientRequest,
  onDestroy: (reason: Error) => void,
): UnconnectedWatch {
  const { destroy, setTimeout: setSocketTimeout } = request;
  let timer: NodeJS.Timeout | undefined;
  const arm = (milliseconds: number): void => {
    clearTimeout(timer);
    timer = milliseconds > 0 ? setTimeout(() => request.emit('timeout'), milliseconds).unref() : undefined;
  };
  const methods = {
    destroy(error?: Error): ClientRequest {
      const wasDestroyed = request.destroyed;
      destroy.call(request, error);
      if (!wasDestroyed) onDestroy(error ?? hangUp());
      return request;
    },
    setTimeout(milliseconds: number, callback?: () => void): ClientRequest {
      setSocketTimeout.call(request, milliseconds, callback);
      arm(Number(milliseconds));
      return request;
    },
  };
  Object.assign(request, methods);
  arm(Number(Reflect.get(request, 'timeout') ?? 0));
  return {
    stop() {
      clearTimeout(timer);
      if (request.destroy === methods.destroy) Reflect.deleteProperty(request, 'destroy');
      if (request.setTimeout === methods.setTimeout) Reflect.deleteProperty(request, 'setTimeout');
    },
  };
}

/** The error that Node.js emits for a request that is destroyed without a reason. */
export function hangUp(): Error {
  return Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
}

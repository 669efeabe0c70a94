import { channel } from 'node:diagnostics_channel';
import type { Observer } from './observer.ts';

const callStart = channel('jarfetch:call:start');
const callEnd = channel('jarfetch:call:end');
const exchangeStart = channel('jarfetch:exchange:start');
const exchangeResponse = channel('jarfetch:exchange:response');
const exchangeEnd = channel('jarfetch:exchange:end');

/** Publishes each event. Its message has the `call` or the `exchange` that an observer gets. */
const publisher: Observer = {
  onCallStart: (call) => callStart.publish({ call }),
  onCallEnd: (call) => callEnd.publish({ call }),
  onExchangeStart: (exchange) => exchangeStart.publish({ exchange }),
  onResponse: (exchange) => exchangeResponse.publish({ exchange }),
  onExchangeEnd: (exchange) => exchangeEnd.publish({ exchange }),
};

/** The observer that publishes on the channels of `node:diagnostics_channel`; `null` without subscribers. */
export function diagnosticsObserver(): Observer | null {
  const isHeard =
    callStart.hasSubscribers ||
    callEnd.hasSubscribers ||
    exchangeStart.hasSubscribers ||
    exchangeResponse.hasSubscribers ||
    exchangeEnd.hasSubscribers;
  return isHeard ? publisher : null;
}

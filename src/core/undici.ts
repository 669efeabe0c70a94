/**
 * The parts of undici that a session needs, from their own files. undici's entry also loads fetch, WebSocket, mocks
 * and caches, which takes more than half of the time of its import. The values are the ones that the entry exports.
 * The folders of undici are not documented: package.json accepts patch versions only, and
 * test/core/undici.test.ts compares each part with the entry.
 */
import methods from 'undici/lib/api/index.js';
import buildConnector from 'undici/lib/core/connect.js';
import errors from 'undici/lib/core/errors.js';
import Client from 'undici/lib/dispatcher/client.js';
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
import Dispatcher1Wrapper from 'undici/lib/dispatcher/dispatcher1-wrapper.js';

// As undici's entry does: `transport.dispatcher.request()` works where nobody imports the entry.
Object.assign(Dispatcher.prototype, methods);

export { buildConnector, Client, Dispatcher, Dispatcher1Wrapper, errors };

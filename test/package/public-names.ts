/** The values that each entry of package.json exports, in order. The types are in docs/api-report. */
export const publicNames: Readonly<Record<string, readonly string[]>> = {
  '.': [
    'BrowserCookieJar',
    'RequestError',
    'Session',
    'Transport',
    'createSession',
    'createTransport',
    'fetch',
    'getEmulationHeaders',
    'getOperatingSystems',
    'getProfiles',
    'isRequestError',
    'loadSession',
    'resolveProfile',
    'withSession',
  ],
  './interop': ['cookieDispatcher', 'cookieFetch', 'nodeAgents'],
  './page': ['Page', 'PageElement', 'PageForm', 'fileFrom', 'openPage', 'pageOf', 'parsePage'],
  './registry': ['createPool', 'createRegistry', 'fileStore', 'memoryStore', 'redisStore'],
};

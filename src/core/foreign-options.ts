import { plainName } from './near-names.ts';

/** The place where a name was given. */
export type OptionDoor = 'session' | 'call' | 'transport';

/**
 * Names of other clients for options that exist here (axios, got, ky, node-fetch, undici, request, wreq-js,
 * Playwright, Python's requests), in lower case and without `-` and `_`, with the option to use here.
 */
function makeForeign(): Record<OptionDoor, Record<string, string>> {
  return {
    call: {
      ...each('searchParams', ['params', 'query', 'qs', 'queryparams', 'queryparameters', 'querystring']),
      ...each('searchParams', ['searchparameters', 'urlparams']),
      ...each('json, form or body', ['data', 'payload', 'bodydata', 'postdata']),
      ...each('a FormData as body', ['formdata', 'multipart', 'files']),
      ...each('retry, such as retry: { limit: 3 }', ['retries', 'maxretries', 'retrylimit', 'retrycount']),
      ...each('retry, such as retry: { limit: 3 }', ['retryattempts', 'maxattempts', 'maxretrycount']),
      ...each('baseUrl in createSession()', ['baseurl', 'baseuri', 'prefixurl']),
      ...each("redirect: 'follow' or 'manual'", ['followredirect', 'followredirects', 'allowredirects']),
      ...each('maxRedirects', ['maxredirections', 'redirectlimit', 'maxfollow']),
      ...each('browser and os, which are fixed when a session is created', [
        'emulation',
        'impersonate',
        'clientidentifier',
      ]),
      ...each('session (of createSession()), or call its fetch()', ['sessionid']),
      ...each("'session', or call the one-shot fetch(), which has a jar of its own", ['cookiemode']),
      ...each("headers: { cookie: 'a=1' }, or setCookie() of the session", ['cookies', 'cookie']),
      ...each('cookieJar in createSession()', ['jar', 'cookiejar']),
      ...each('headers: { authorization }, or user and password in the URL', ['auth', 'httpauth']),
      ...each('headers: { authorization }, or user and password in the URL', ['username', 'password']),
      ...each("headers: { 'user-agent': '…' }, or browser in createSession()", ['useragent']),
      ...each('credentials', ['withcredentials', 'usecredentials']),
      ...each('proxy, which is fixed when a session is created, or transport', [
        'proxyurl',
        'proxyuri',
        'proxies',
        'httpproxy',
      ]),
      ...each('insecure, which is fixed when a session is created', [
        'rejectunauthorized',
        'strictssl',
        'skiptlsverify',
      ]),
      ...each('insecure, which is fixed when a session is created', ['ignorehttpserrors', 'ignoretlserrors']),
      ...each('signal', ['abortsignal', 'canceltoken']),
      ...each('timeout', ['timeoutms', 'requesttimeout', 'totaltimeout', 'timeouts']),
      ...each('timeout: { connect, headers, idle }', ['connecttimeout', 'headerstimeout', 'bodytimeout']),
      ...each('timeout: { connect, headers, idle }', ['responsetimeout', 'readtimeout', 'sockettimeout']),
      ...each('maxBodyBytes', ['maxcontentlength', 'maxresponsesize', 'maxresponsebodysize']),
      ...each('onProgress', ['onuploadprogress', 'ondownloadprogress']),
      ...each('timings of the response', ['capturediagnostics']),
      ...each('maxMessageSize of session.websocket()', ['maxframesize']),
    },
    session: {
      ...each('defaultHeaders', ['headers', 'extrahttpheaders', 'commonheaders']),
      ...each('setCookies() or importCookies() of the session', ['cookies', 'cookie', 'storagestate']),
      ...each('cookieJar', ['jar']),
      ...each("browser, or defaultHeaders: { 'user-agent': '…' }", ['useragent', 'ua']),
      ...each('baseUrl', ['baseuri', 'prefixurl', 'prefix', 'base', 'origin', 'url']),
      ...each('browser and os', ['emulation', 'impersonate', 'clientidentifier', 'profile', 'device']),
      ...each('os', ['platform', 'operatingsystem']),
      ...each('proxy', ['proxyurl', 'proxyuri', 'proxies', 'httpproxy', 'agent', 'httpagent', 'httpsagent']),
      ...each('insecure', ['rejectunauthorized', 'strictssl', 'skiptlsverify']),
      ...each('insecure', ['ignorehttpserrors', 'ignoretlserrors']),
      ...each('sessionId', ['id', 'name']),
      ...each('nothing for the jar of the session; the one-shot fetch() has one for each call', [
        'cookiemode',
      ]),
      ...each('retry, such as retry: { limit: 3 }', ['retries', 'maxretries', 'retrylimit', 'retrycount']),
      ...each('timeout', ['timeoutms', 'requesttimeout', 'totaltimeout']),
      ...each('timeout: { connect, headers, idle }', ['headerstimeout', 'bodytimeout', 'responsetimeout']),
      ...each('acceptLanguage', ['locale', 'language', 'languages', 'lang']),
      ...each("redirect: 'follow' or 'manual'", ['followredirect', 'followredirects', 'allowredirects']),
      ...each('maxRedirects', ['maxredirections']),
      ...each('maxBodyBytes', ['maxcontentlength', 'maxresponsesize']),
      ...each('http2', ['allowh2', 'h2', 'preferhttp2']),
      ...each('defaultHeaders: { authorization } together with baseUrl', ['auth', 'username', 'password']),
      ...each('defaultHeaders: { authorization } together with baseUrl', ['httpcredentials']),
      ...each('timings of each response', ['capturediagnostics']),
      ...each('createRegistry() of jarfetch/registry', [
        'login',
        'userdata',
        'idletimeout',
        'maxage',
        'store',
      ]),
    },
    transport: {
      ...each('connectTimeout and readTimeout here, or timeout in createSession()', ['timeout', 'timeoutms']),
      ...each('poolMaxSize', ['connections', 'maxsockets', 'maxconnections', 'poolsize']),
      ...each('poolIdleTimeout', ['keepalivetimeout', 'idletimeout', 'keepalivemsecs']),
      ...each('poolMaxIdlePerHost', ['maxfreesockets', 'maxidleconnections']),
      ...each('readTimeout', ['headerstimeout', 'bodytimeout', 'sockettimeout']),
      ...each('resolve', ['lookup', 'dns', 'hosts']),
      ...each('proxy', ['proxyurl', 'proxyuri', 'uri', 'url']),
      ...each('insecure', ['rejectunauthorized', 'strictssl', 'verify']),
      ...each('http2', ['allowh2', 'h2']),
      ...each('browser and os', ['emulation', 'impersonate', 'profile']),
      ...each('retry in createSession()', ['retry', 'retries', 'maxretries']),
      ...each('defaultHeaders in createSession()', ['headers', 'defaultheaders', 'useragent']),
      ...each('cookieJar in createSession()', ['cookiejar', 'cookies', 'jar']),
      ...each('timings of each response', ['capturediagnostics']),
    },
  };
}

let foreign: ReturnType<typeof makeForeign> | undefined;

function each(advice: string, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, advice]));
}

/** Returns the advice for another client's option; `undefined` for other names. */
export function adviceOn(name: string, door: OptionDoor): string | undefined {
  // Created when the first unknown name occurs, which most programs never cause.
  foreign ??= makeForeign();
  const plain = plainName(name);
  return Object.hasOwn(foreign[door], plain) ? `write ${foreign[door][plain]}` : undefined;
}

/**
 * Types that the public ones name and no entry exports: nobody can write their names, and what is internal cannot
 * change freely. Each is to be exported or to be taken out of the public types; nothing is added to this list.
 */
export const unexportedTypes: readonly string[] = [
  'CallOptions',
  'ContextInput',
  'CookieJarMethods',
  'CookieOrigin',
  'CookieSites',
  'FetchResponse',
  'HostFacts',
  'OneShotOption',
  'Optional',
  'RecordFormat',
  'RequestDefaults',
  'SameSite',
  'StoredCookie',
  'Versions',
  'versions',
];

import { CookieJar, type Store } from 'tough-cookie';
import { invalidOption } from '../../errors.ts';
import { toCookie } from './conversions.ts';
import type { CookieSites } from './cookie-sites.ts';

/** tough-cookie's own jar on a store of the caller, filled with copies of the cookies in sequence. */
export async function fillStore(sites: CookieSites, store: Store): Promise<CookieJar> {
  for (const cookie of sites.all(Date.now())) await store.putCookie(toCookie(cookie));
  return new CookieJar(store);
}

/** As {@link fillStore}, synchronously. @throws RequestError ERR_INVALID_OPTION when the store is not synchronous */
export function fillStoreSync(sites: CookieSites, store: Store): CookieJar {
  if (!store.synchronous) throw invalidOption('store', 'a synchronous store', store);
  let failure: Error | null = null;
  for (const cookie of sites.all(Date.now())) {
    store.putCookie(toCookie(cookie), (error) => {
      failure ??= error;
    });
  }
  if (failure !== null) throw failure;
  return new CookieJar(store);
}

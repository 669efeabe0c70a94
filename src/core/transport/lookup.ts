import { lookup as dnsLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';

/** Fixed addresses by lower-case host name. */
export type AddressPins = ReadonlyMap<string, readonly string[]>;

/** Looks a host up in the pins first, then in DNS. */
export function pinnedLookup(pins: AddressPins | null): LookupFunction {
  if (pins === null) return dnsLookup;
  return (hostname, options, callback) => {
    const addresses = pins.get(hostname.toLowerCase());
    if (addresses === undefined) {
      dnsLookup(hostname, options, (error, found, family) => {
        // The socket would throw an uncaught error for a result without an address.
        const isEmpty = error === null && found.length === 0;
        callback(isEmpty ? noAddress(hostname) : error, found, family);
      });
      return;
    }
    const entries = addresses.map((address) => ({ address, family: isIP(address) }));
    const [first] = entries;
    if (options.all === true) callback(null, entries);
    else callback(null, first?.address ?? '', first?.family);
  };
}

/** The error of a name that has no address. */
export function noAddress(hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`no address for ${hostname}`), { code: 'ENODATA' });
}

import { describe, RequestError } from '../errors.ts';
import type { CheckedConnection } from './connection-options.ts';

/**
 * Checks the origins that a client certificate is for: https URLs without a path.
 *
 * @throws RequestError ERR_INVALID_OPTION
 */
export function checkCertOrigins(
  given: string | readonly string[] | undefined,
): readonly string[] | undefined {
  if (given === undefined) return undefined;
  const listed: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (listed.length === 0) throw invalid('an empty array');
  const origins = listed.map((value) => {
    const url = typeof value === 'string' ? URL.parse(value) : null;
    // `href` of a bare origin is the origin and a slash.
    if (url?.protocol !== 'https:' || url.href !== `${url.origin}/`) throw invalid(describeOrigin(value));
    return url.origin;
  });
  // Sorted, so that sessions that list the same origins share connections.
  return [...new Set(origins)].sort();
}

function invalid(got: string): RequestError {
  const message = `certOrigins must be https origins such as https://api.example:8443, got ${got}`;
  return new RequestError('ERR_INVALID_OPTION', message);
}

/** The value is not shown, because a URL may have a password. */
function describeOrigin(value: unknown): string {
  return typeof value === 'string' ? 'another string' : describe(value);
}

/**
 * Binds a client certificate to the origins it is for: those that are listed, else that of `base`. It is sent to no
 * other server. Invariant: credentials have a home.
 *
 * @throws RequestError ERR_INVALID_OPTION where no origin is given
 */
export function bindCertificate(connection: CheckedConnection, base: URL | null): CheckedConnection {
  const { cert, certOrigins } = connection;
  if (cert === undefined && certOrigins === undefined) return connection;
  if (cert === undefined) {
    const message = '`certOrigins` needs `cert` and `key`';
    throw new RequestError('ERR_INVALID_OPTION', message);
  }
  if (certOrigins !== undefined) return connection;
  if (base?.protocol === 'https:') return { ...connection, certOrigins: [base.origin] };
  const message =
    '`cert` needs `certOrigins`, the https origins it is sent to, or an https baseUrl: it is sent to no other server';
  throw new RequestError('ERR_INVALID_OPTION', message);
}

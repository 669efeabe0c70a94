import type { HostRequest } from '../helpers/any-host.ts';
import type { Browser } from './form-cases.ts';

/** Cases that differ on purpose, by id, with the reason. */
export const differences: Readonly<Record<Browser, Readonly<Record<string, string>>>> = {
  chromium: {},
  firefox: {},
};

/** A request as it is compared: the boundary by its form, and without what the driven browser has of its own. */
export function comparable(browser: Browser, request: HostRequest): Record<string, unknown> {
  const { method, scheme, url } = request;
  const pattern = /----WebKitFormBoundary[A-Za-z0-9]{16}|----geckoformboundary[0-9a-f]{1,32}/g;
  const body = request.body.toString('latin1').replaceAll(pattern, 'BOUNDARY');
  const headers = request.headers.map(([name, value]) => {
    const key = name.toLowerCase();
    const text = value.replace(pattern, 'BOUNDARY').replace('HeadlessChrome', 'Chrome');
    if (key === 'content-length') return `${name}: ${body.length}`;
    if (key === 'sec-ch-ua') return `${name}: ${text.replace(/, "Google Chrome";v="156"$/, '')}`;
    return `${name}: ${text}`;
  });
  return { line: `${method} ${scheme} ${url}`, body, headers, browser };
}

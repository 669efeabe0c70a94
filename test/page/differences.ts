import type { HostRequest } from '../helpers/any-host.ts';
import type { Browser } from './form-cases.ts';

const layout = 'by layout: the width of a border and of letters is not known here';
const guess = 'the page says no encoding, and both browsers guess one from its letters';
const pattern =
  "pattern is the page's own code, and a regular expression can be made to run for ever: it is not run";
const deep = 'a form or control below 512 levels, where the browsers differ from each other';
const ping = 'no ping is sent: it tells the page of a click, and asks nothing';
const newWindow = 'order only: Content-Type of a POST into a new window comes after Origin';
const upgradeOrder = 'order only: Upgrade-Insecure-Requests of an upgraded link comes before Connection';

const common = {
  'submitter-image-loaded-with-border': layout,
  'submitter-image-loaded-click-on-border': layout,
  'valid-pattern-mismatch': pattern,
  'valid-pattern-match-anchored': pattern,
  'owner-deep-600-form-inside': deep,
  'sniff-none-shift-jis-text': guess,
  'sniff-none-cyrillic-1251-text': guess,
} as const;

/** Cases that differ on purpose, by id, with the reason. */
export const differences: Readonly<Record<Browser, Readonly<Record<string, string>>>> = {
  chromium: {
    ...common,
    'value-textarea-wrap-hard-long-word': layout,
    'link-ping': ping,
    'link-ping-cross': ping,
    'target-target-blank': newWindow,
    'target-formtarget-blank': newWindow,
    'target-target-blank-rel-noreferrer': newWindow,
  },
  firefox: {
    ...common,
    'owner-deep-600-form-closes-inside': deep,
    'redirect-post-307-to-http': 'the body of a form is not sent on in the clear; Chromium does not either',
    'csp-upgrade-link-own': upgradeOrder,
    'csp-upgrade-refresh-own': upgradeOrder,
  },
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

import { describe, expect, it } from 'vitest';
import { contentSecurityOf } from '../../../src/page/document/content-security.ts';

const page = new URL('https://a.test/d/p');
const of = (policy: string, at = page) =>
  contentSecurityOf(new Headers({ 'content-security-policy': policy }), [], at);

describe('form-action', () => {
  it.each([
    ["'self'", 'https://a.test/x', true],
    ["'self'", 'https://a.test:8443/x', false],
    ["'self'", 'http://a.test/x', false],
    ["'none'", 'https://a.test/x', false],
    ['', 'https://a.test/x', false],
    ['*', 'https://b.test/', true],
    ['https:', 'https://b.test/', true],
    ['https:', 'http://b.test/', false],
    ['http:', 'https://b.test/', true],
    ['b.test', 'https://b.test/x', true],
    ['B.TEST', 'https://b.test/x', true],
    ['b.test', 'https://c.b.test/x', false],
    ['*.b.test', 'https://c.b.test/x', true],
    ['*.b.test', 'https://b.test/x', false],
    ['b.test:*', 'https://b.test:8443/x', true],
    ['b.test:8443', 'https://b.test/x', false],
    ['https://b.test/s/', 'https://b.test/s/t', true],
    ['https://b.test/s', 'https://b.test/s/t', false],
    ["'self' b.test", 'https://b.test/', true],
  ])('%s and %s: %s', (sources, url, isAllowed) => {
    expect(of(`form-action ${sources}`).allowsForm(new URL(url), false)).toBe(isAllowed);
  });

  it('does not look at paths after a redirect', () => {
    const { allowsForm } = of('form-action https://b.test/s');
    expect(allowsForm(new URL('https://b.test/t'), true)).toBe(true);
    expect(allowsForm(new URL('https://c.test/s'), true)).toBe(false);
  });

  it('is what every policy allows, and has no effect without the directive', () => {
    expect(of("form-action *, form-action 'none'").allowsForm(page, false)).toBe(false);
    expect(of("default-src 'none'").allowsForm(page, false)).toBe(true);
  });
});

it('a sandbox allows what its keywords say', () => {
  expect(of('sandbox allow-forms ALLOW-SAME-ORIGIN').sandbox).toEqual({
    allowsForms: true,
    allowsOrigin: true,
  });
  expect(of('sandbox').sandbox).toEqual({ allowsForms: false, allowsOrigin: false });
  expect(of('img-src *').sandbox).toBeNull();
});

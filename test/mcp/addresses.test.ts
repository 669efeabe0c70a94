/** Attacks on the rule that only public addresses are reached. No address outside this machine is connected to. */
import net, { isIP, type LookupFunction } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { call, fail, toolboxFor } from './calls.ts';
import { type Site, startSite } from './site.ts';

const lookup = vi.hoisted(() => ({ now: undefined as LookupFunction | undefined }));

vi.mock('node:dns', async (original) => {
  const dns = await original<typeof import('node:dns')>();
  const replaced: LookupFunction = (...question) => Reflect.apply(lookup.now ?? dns.lookup, dns, question);
  return { ...dns, lookup: replaced };
});

afterEach(() => {
  lookup.now = undefined;
  vi.restoreAllMocks();
});

/** Answers each lookup with the next of these addresses, and says what was asked for. */
function resolveAs(...answers: readonly string[]): string[] {
  const asked: string[] = [];
  lookup.now = (hostname, _options, callback) => {
    const address = answers[asked.push(hostname) - 1] ?? answers.at(-1) ?? '';
    process.nextTick(() => callback(null, [{ address, family: isIP(address) }]));
  };
  return asked;
}

/** Refuses all connections and says where they were to lead. */
function refuseConnections(): unknown[] {
  const hosts: unknown[] = [];
  vi.spyOn(net, 'connect').mockImplementation(((options: { readonly host?: string }) => {
    hosts.push(options.host);
    const socket = new net.Socket();
    process.nextTick(() => socket.destroy(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })));
    return socket;
  }) as unknown as typeof net.connect);
  return hosts;
}

const forbidden = { code: 'ERR_ADDRESS_FORBIDDEN' };

/** Forms of addresses that are not public, as URLs of a port have them. */
const forms = [
  ...['127.0.0.1', '127.1', '2130706433', '0x7f000001', '0x7f.1', '0177.0.0.1', '017700000001', '127.0.0.1.'],
  ...['０x7f.1', '127。0。0。1', '%31%32%37.0.0.1', '0', '0.0.0.0', '[::]', '[::1]', '[0:0:0:0:0:0:0:1]'],
  ...['[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::127.0.0.1]', '[64:ff9b::127.0.0.1]', '[64:ff9b::7f00:1]'],
  ...[
    '[64:ff9b:1::7f00:1]',
    '[2002:7f00:1::]',
    '[2001:0:4136:e378:8000:63bf:80ff:fffe]',
    '[fe80::1]',
    '[fc00::1]',
  ],
  ...['10.0.0.1', '172.16.0.1', '192.168.0.1', '100.64.0.1', '169.254.169.254', '0xa9fea9fe', '2852039166'],
  ...['[::ffff:169.254.169.254]', '[fd00:ec2::254]', '100.100.100.200', '168.63.129.16', '192.0.0.192'],
  ...['224.0.0.1', '255.255.255.255', 'localhost', 'LOCALHOST.', 'a.localhost'],
];

it.each(forms)('refuses http://%s/, requested and redirected to', async (form) => {
  const hosts = vi.spyOn(net, 'connect');
  const inner = await startSite({ '/': 'inner page' });
  const port = inner.host.split(':')[1] ?? '';
  const site = await startSite({
    '/to': (_, response) =>
      void response
        .writeHead(302, { location: Buffer.from(`http://${form}:${port}/`).toString('latin1') })
        .end(),
    '/refresh': `<meta http-equiv=refresh content="0;url=http://${form}:${port}/">`,
    '/link': `<a href="http://${form}:${port}/">in</a><form method=post action="http://${form}:${port}/"><button>b</button></form>`,
  });
  // The name is what other names may be, too: one that leads here.
  if (/localhost/i.test(form)) resolveAs('127.0.0.1');
  const toolbox = await toolboxFor(site);
  const { session_id } = await call(toolbox, 'session_create', { base_url: site.url });
  const url = `http://${form}:${port}/`;
  expect(await fail(toolbox, 'fetch', { url })).toMatchObject(forbidden);
  expect(await fail(toolbox, 'page_open', { session_id, url })).toMatchObject(forbidden);
  expect(await fail(toolbox, 'session_create', { base_url: url, url: '/' })).toMatchObject(forbidden);
  for (const path of ['/to', '/refresh']) {
    expect(await fail(toolbox, 'page_open', { session_id, url: path })).toMatchObject(forbidden);
  }
  const { page_id } = await call(toolbox, 'page_open', { session_id, url: '/link' });
  expect(await fail(toolbox, 'page_follow', { page_id, target: 'text=in' })).toMatchObject(forbidden);
  expect(await fail(toolbox, 'form_submit', { page_id })).toMatchObject(forbidden);
  expect(inner.seen).toEqual([]);
  const led = hosts.mock.calls.map(([options]) => Reflect.get(Object(options), 'port'));
  expect(led.map(String)).not.toContain(port);
});

it.each([
  '127.0.0.1',
  '10.1.2.3',
  '169.254.169.254',
  '::1',
  'fd00:ec2::254',
  '::ffff:127.0.0.1',
  '64:ff9b::a00:1',
])('refuses a name of %s', async (address) => {
  const hosts = refuseConnections();
  resolveAs(address);
  const toolbox = await toolboxFor(null);
  expect(await fail(toolbox, 'fetch', { url: 'http://inner.test/' })).toMatchObject(forbidden);
  expect(hosts).toEqual([]);
});

it('connects to the checked address, even if the name resolves to another one later', async () => {
  const hosts = refuseConnections();
  const asked = resolveAs('93.184.215.14', '127.0.0.1');
  const toolbox = await toolboxFor(null);
  expect(await fail(toolbox, 'fetch', { url: 'http://rebinding.test/' })).toMatchObject({
    code: 'ERR_CONNECT',
  });
  // An address, and no name that would be looked up again.
  expect([asked, hosts]).toEqual([['rebinding.test'], ['93.184.215.14']]);
  // The second call looks it up anew, and judges anew.
  expect(await fail(toolbox, 'fetch', { url: 'http://rebinding.test/' })).toMatchObject(forbidden);
  expect(hosts).toEqual(['93.184.215.14']);
});

it('refuses a connection to another address than it was made for', async () => {
  const inner = await startSite({ '/': 'inner page' });
  const port = Number(inner.host.split(':')[1]);
  const { connect } = net;
  vi.spyOn(net, 'connect').mockImplementation(((options: object) =>
    connect({ ...options, host: '127.0.0.1', port })) as unknown as typeof net.connect);
  resolveAs('93.184.215.14');
  const toolbox = await toolboxFor(null);
  expect(await fail(toolbox, 'fetch', { url: 'http://public.test/' })).toMatchObject(forbidden);
  expect(inner.seen).toEqual([]);
});

it('gives the same answer for a missing name and a name with a private address', async () => {
  const toolbox = await toolboxFor(null);
  const told = async (answer: LookupFunction): Promise<unknown> => {
    lookup.now = answer;
    return fail(toolbox, 'fetch', { url: 'http://payroll.corp.test/' });
  };
  const absent = await told((_host, _options, callback) =>
    callback(Object.assign(new Error('none'), { code: 'ENOTFOUND' }), []),
  );
  const inner = await told((_host, _options, callback) =>
    callback(null, [{ address: '10.1.2.3', family: 4 }]),
  );
  expect(inner).toEqual(absent);
  expect(JSON.stringify(inner)).not.toContain('10.1.2.3');
});

it.each([22, 25, 6379, 6667])(
  'refuses the blocked ports of a public host, and allows 6379: %i',
  async (port) => {
    const hosts = refuseConnections();
    resolveAs('93.184.215.14');
    const toolbox = await toolboxFor(null);
    const { code } = await fail(toolbox, 'fetch', { url: `http://public.test:${port}/` });
    // 6379 is not among the ports of the Fetch Standard.
    expect([code, hosts.length]).toEqual(port === 6379 ? ['ERR_CONNECT', 1] : ['ERR_ADDRESS_FORBIDDEN', 0]);
  },
);

it('allows a host of one port and of no other', async () => {
  const site: Site = await startSite({ '/': 'x' });
  const other = await startSite({ '/': 'y' });
  const toolbox = await toolboxFor(site);
  await call(toolbox, 'fetch', { url: site.url });
  expect(await fail(toolbox, 'fetch', { url: other.url })).toMatchObject(forbidden);
});

it('reaches through a proxy only what is allowed by name', async () => {
  const site = await startSite({ '/': 'x' });
  const toolbox = await toolboxFor(null, { proxy: site.url, allowHosts: ['allowed.test'] });
  expect(await fail(toolbox, 'fetch', { url: 'http://public.test/' })).toMatchObject(forbidden);
  expect(site.seen).toEqual([]);
});

const schemes = [
  ...['file:///etc/passwd', 'fi\nle:///etc/passwd', '\u0001file:///etc/passwd', 'FILE:///etc/passwd'],
  ...[
    'data:text/html,x',
    'javascript:alert(1)',
    'java\tscript:alert(1)',
    'blob:http://127.0.0.1/x',
    'about:blank',
  ],
  ...[
    'ftp://127.0.0.1/',
    'ws://127.0.0.1/',
    'gopher://127.0.0.1/',
    'view-source:http://127.0.0.1/',
    'mailto:a@b.test',
  ],
];

it.each(schemes)('refuses %j, requested', async (url) => {
  const toolbox = await toolboxFor(null, { tools: 'all', folder: '.' });
  const { session_id } = await call(toolbox, 'session_create', {});
  const refused = { code: 'ERR_URL_FORBIDDEN' };
  expect(await fail(toolbox, 'fetch', { url })).toMatchObject(refused);
  expect(await fail(toolbox, 'page_open', { session_id, url })).toMatchObject(refused);
  expect(await fail(toolbox, 'page_wait', { session_id, url, until: 'p' })).toMatchObject(refused);
  expect(await fail(toolbox, 'download', { session_id, url, file: 'new.txt' })).toMatchObject(refused);
  expect(await fail(toolbox, 'session_create', { base_url: url })).toMatchObject({ code: 'ERR_INVALID_URL' });
});

it.each(schemes)('refuses %j of a page and of a redirect', async (url) => {
  const escaped = url.replaceAll('\n', '&#10;').replaceAll('\t', '&#9;').replaceAll('\u0001', '&#1;');
  const site = await startSite({
    '/': `<a href="${escaped}">go</a><form method=post action="${escaped}"><input name=a><button>b</button></form>`,
    '/to': (_, response) => void response.writeHead(302, { location: encodeURI(url) }).end(),
    '/refresh': `<meta http-equiv=refresh content="0;url=${escaped}"><p>stays`,
  });
  const toolbox = await toolboxFor(site);
  const { session_id } = await call(toolbox, 'session_create', { base_url: site.url });
  const { page_id } = await call(toolbox, 'page_open', { session_id, url: '/' });
  const refused = { code: 'ERR_NOT_NAVIGABLE' };
  expect(await fail(toolbox, 'page_follow', { page_id, target: 'text=go' })).toMatchObject(refused);
  expect(await fail(toolbox, 'form_submit', { page_id })).toMatchObject(refused);
  expect(await call(toolbox, 'page_open', { session_id, url: '/refresh' })).toMatchObject({
    url: `${site.url}/refresh`,
    view: expect.stringContaining('stays'),
  });
  const { code } = (await toolbox.call('fetch', { session_id, url: '/to' })).structuredContent;
  // An odd one is a relative URL, which is not there.
  expect(['ERR_INVALID_REDIRECT', undefined]).toContain(code);
  expect(site.seen.every(({ method }) => method === 'GET')).toBe(true);
});

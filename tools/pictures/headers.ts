/** The head of a page load as Node.js' own fetch, a session and Chromium send it. */
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { createSession } from '../../src/index.ts';
import { line, shortened, svg, text } from './drawing.ts';

type Head = readonly (readonly [name: string, value: string])[];

export interface ComparedHeads {
  readonly fetch: Head;
  readonly jarfetch: Head;
  readonly chrome: Head;
  readonly version: string;
}

interface Capture {
  readonly browser: string;
  readonly version: string;
  readonly kind: string;
  readonly transport: string;
  readonly headers: Head;
}

const captures: readonly Capture[] = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../test/fixtures/captured-requests.json'), 'utf8'),
);

export async function comparedHeads(): Promise<ComparedHeads> {
  const captured = captures.find(
    ({ browser, kind, transport }) =>
      browser === 'chromium' && kind === 'a-nav-typed-first' && transport === 'http-localhost',
  );
  if (captured === undefined) throw new Error('The capture of a page load is not in test/fixtures');
  const major = captured.version.split('.')[0];
  const session = await createSession({ browser: `chrome_${major}` as 'chrome', os: 'linux' });
  try {
    return {
      fetch: await headSentBy((url) => fetch(url)),
      jarfetch: await headSentBy((url) => session.fetch(url)),
      chrome: captured.headers.map(withoutPort),
      version: `Chromium ${major}`,
    };
  } finally {
    await session.close();
  }
}

/** The header lines as they arrive, in their order and case. */
async function headSentBy(send: (url: string) => Promise<Response>): Promise<Head> {
  let bytes = '';
  const server = createServer((socket) => {
    socket.on('data', (chunk) => {
      bytes += chunk.toString('latin1');
      if (bytes.includes('\r\n\r\n')) socket.end('HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n');
    });
    socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await (await send(`http://127.0.0.1:${(server.address() as AddressInfo).port}/page`)).text();
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
  const [, ...lines] = bytes.slice(0, bytes.indexOf('\r\n\r\n')).split('\r\n');
  return lines
    .map((each): [string, string] => [each.slice(0, each.indexOf(':')), each.slice(each.indexOf(':') + 2)])
    .map(withoutPort);
}

/** Who is asked differs between the three, and is not what is compared. */
function withoutPort([name, value]: readonly [string, string]): readonly [string, string] {
  return name.toLowerCase() === 'host' ? [name, 'localhost'] : [name, value];
}

const [margin, columnWidth, rowHeight, top, length] = [20, 300, 34, 76, 40] as const;

export function drawHeads({ fetch, jarfetch, chrome, version }: ComparedHeads): string {
  const rows = Math.max(fetch.length, jarfetch.length, chrome.length);
  const foot = top + rows * rowHeight;
  const height = foot + 48;
  const column = (head: Head, index: number): string[] => {
    const x = margin + index * columnWidth;
    return head.flatMap(([name, value], row) => [
      text(x, top + row * rowHeight, name, {
        className: `mono ${verdictOf(name, value, chrome)}`,
      }),
      text(x, top + row * rowHeight + 15, shortened(value, length), { className: 'mono dim' }),
    ]);
  };
  const names = ['fetch of Node.js', 'session.fetch of jarfetch', `${version}, captured`];
  const same = jarfetch.filter(([name, value]) => verdictOf(name, value, chrome) === 'good').length;
  return svg({
    width: margin * 2 + columnWidth * 3,
    height,
    title: 'The headers of a page load: fetch, jarfetch and Chromium side by side',
    description:
      `In the order in which they are sent. Of fetch's: ${namesOf(fetch)}. Of jarfetch's: ${namesOf(jarfetch)}; ` +
      `${same} of ${chrome.length} are Chromium's to the letter. Of Chromium's: ${namesOf(chrome)}.`,
    shapes: [
      ...names.map((name, index) => text(margin + index * columnWidth, 34, name, { className: 'title' })),
      line(margin, 48, margin + columnWidth * 3, 48, 'rule'),
      ...column(fetch, 0),
      ...column(jarfetch, 1),
      ...column(chrome, 2),
      text(
        margin,
        foot + 10,
        "Green: Chromium's name, case and value. Red: a name, or a case of it, that Chromium does not send.",
        {
          className: 'dim',
        },
      ),
      text(
        margin,
        foot + 30,
        'Amber: another value. Chrome adds its brand "Google Chrome" to the list that Chromium sends.',
        {
          className: 'dim',
        },
      ),
    ],
  });
}

/** Whether a header is Chromium's to the letter, by its name alone, or not. */
function verdictOf(name: string, value: string, chrome: Head): 'good' | 'mark' | 'bad' {
  const own = chrome.find(([other]) => other === name);
  if (own === undefined) return 'bad';
  return own[1] === value ? 'good' : 'mark';
}

function namesOf(head: Head): string {
  return head.map(([name]) => name).join(', ');
}

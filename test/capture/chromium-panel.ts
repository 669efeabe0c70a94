import { startDriven } from './driven.ts';
import type { NetworkPanel, ShownRequest } from './network-panel.ts';
import { connectRemote } from './remote.ts';

const flags = [
  '--remote-debugging-port=0',
  // The developer tools, as a page, connect to the tab.
  '--remote-allow-origins=devtools://devtools',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
  'about:blank',
];

interface Evaluated {
  readonly result: { readonly value: string };
  readonly exceptionDetails?: { readonly exception?: { readonly description?: string } };
}

/** The developer tools are a page of their own; these are its modules. */
const panelParts = `
  const UI = await import('./ui/legacy/legacy.js');
  const HAR = await import('./models/har/har.js');
  const Logs = await import('./models/logs/logs.js');
  const Common = await import('./core/common/common.js');
  const Network = await import('./panels/network/network.js');
  await UI.ViewManager.ViewManager.instance().showView('network');
  const log = Logs.NetworkLog.NetworkLog.instance();
  const settled = async (isSettled) => {
    for (let turn = 0; turn < 300 && !isSettled(log.requests()); turn++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return log.requests();
  };
`;

/** Debian's Chromium by the Chrome DevTools Protocol: a tab, and a second one with the developer tools of the first. */
export async function openChromiumPanel(): Promise<NetworkPanel> {
  const { url, running } = await startDriven('chromium', flags, /DevTools listening on (ws:\S+)/);
  try {
    const remote = await connectRemote(url);
    const openTab = async (address: string): Promise<{ targetId: string; sessionId: string }> => {
      const { targetId } = await remote.send<{ targetId: string }>('Target.createTarget', { url: address });
      const attach = { targetId, flatten: true };
      return { targetId, ...(await remote.send<{ sessionId: string }>('Target.attachToTarget', attach)) };
    };
    const run = async (sessionId: string, expression: string): Promise<string> => {
      const asked = { expression, awaitPromise: true, returnByValue: true };
      const { result, exceptionDetails } = await remote.send<Evaluated>('Runtime.evaluate', asked, sessionId);
      if (exceptionDetails === undefined) return result.value;
      throw new Error(`in Chromium: ${exceptionDetails.exception?.description}`);
    };
    const page = await openTab('about:blank');
    const socket = `ws=${new URL(url).host}/devtools/page/${page.targetId}`;
    const tools = await openTab(`devtools://devtools/bundled/devtools_app.html?${socket}`);
    const inPanel = (body: string): Promise<string> =>
      run(tools.sessionId, `(async () => {${panelParts}${body}})()`);
    // Their modules must not be asked for before they have started, or there are two of some objects.
    await run(
      tools.sessionId,
      `(async () => {
        while (document.querySelector('.root-view') === null) await new Promise((resolve) => setTimeout(resolve, 20));
        return '';
      })()`,
    );
    await inPanel(`
      const SDK = await import('./core/sdk/sdk.js');
      // Until the tools are connected to the tab they see no requests.
      const targets = SDK.TargetManager.TargetManager.instance();
      await settled(() => targets.primaryPageTarget() !== null);
      await targets.primaryPageTarget().networkAgent().invoke_enable({});
      Common.Settings.Settings.instance().moduleSetting('network-log.preserve-log').set(true);
      return '';
    `);
    return {
      navigate: (to) => remote.send('Page.navigate', { url: to }, page.sessionId),
      evaluate: (expression) => run(page.sessionId, expression),
      save: (last) =>
        inPanel(`
          let text = '';
          const stream = { write: async (part) => { text += part; } };
          const step = () => undefined;
          const progress = {
            setTotalWork: step, setTitle: step, setWorked: step, incrementWorked: step, done: step,
            isCanceled: () => false, canceled: false, createSubProgress: () => progress,
          };
          const isThere = (all) => all.some((each) => each.url().endsWith(${JSON.stringify(last)}));
          const requests = await settled((all) => isThere(all) && all.every(({ finished, failed }) => finished || failed));
          if (!isThere(requests)) throw new Error('the panel has not seen the last request of ' + requests.length);
          await HAR.Writer.Writer.write(stream, requests, { sanitize: false }, progress);
          return text;
        `),
      open: async (har) => {
        const shown = await inPanel(`
          const text = ${JSON.stringify(har)};
          const { length } = JSON.parse(text).log.entries;
          log.reset(true);
          const { networkLogView } = Network.NetworkPanel.NetworkPanel.instance();
          await networkLogView.onLoadFromFile(new File([text], 'calls.har'));
          const deep = (root) => [...root.querySelectorAll('*')]
            .flatMap((each) => each.shadowRoot === null ? [each] : [each, ...deep(each.shadowRoot)]);
          const rowsOf = () => deep(document).filter((each) => each.matches('tr.data-grid-data-grid-node'));
          const requests = await settled((all) => all.length === length && rowsOf().length === length);
          const rows = rowsOf().map((row) => row.textContent);
          const shown = requests.map(async (request, index) => ({
            method: request.requestMethod, url: request.url(), status: request.statusCode, row: rows[index] ?? '',
            content: (await request.requestContentData()).text ?? null, messages: request.frames().length,
          }));
          return JSON.stringify(await Promise.all(shown));
        `);
        return JSON.parse(shown) as ShownRequest[];
      },
      stop: () => {
        remote.close();
        return running.stop();
      },
    };
  } catch (error) {
    await running.stop();
    throw error;
  }
}

import { startDriven } from './driven.ts';
import type { NetworkPanel, ShownRequest } from './network-panel.ts';
import { connectRemote } from './remote.ts';

/** The list keeps what it has when the page changes; nothing is asked for on the network by Firefox itself. */
const preferences = `
user_pref('devtools.netmonitor.persistlog', true);
user_pref('browser.startup.page', 0);
user_pref('browser.newtabpage.enabled', false);
user_pref('network.captive-portal-service.enabled', false);
user_pref('network.connectivity-service.enabled', false);
user_pref('services.settings.server', 'data:,');
user_pref('toolkit.telemetry.server', '');
user_pref('browser.safebrowsing.update.enabled', false);
user_pref('network.trr.mode', 5);
`;

interface Evaluated {
  readonly type: string;
  readonly result: { readonly value: string };
  readonly exceptionDetails?: { readonly text: string };
}

interface Contexts {
  readonly contexts: readonly { readonly context: string; readonly url: string }[];
}

/** What the panel's own commands are made of, as Firefox's tests reach it. */
const panelParts = `
  const { windowRequire, store, connector, actions, document, setTimeout } = jarfetchToolbox.getCurrentPanel().panelWin;
  const { getSortedRequests } = windowRequire('devtools/client/netmonitor/src/selectors/index');
  const settled = async (isSettled) => {
    for (let turn = 0; turn < 300 && !isSettled(getSortedRequests(store.getState())); turn++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return getSortedRequests(store.getState());
  };
`;

/**
 * Debian's Firefox by WebDriver BiDi, with its network panel open: `--remote-allow-system-access` lets scripts run in
 * the browser's own windows, where the panel is.
 */
export async function openFirefoxPanel(): Promise<NetworkPanel> {
  const flags = ['--remote-debugging-port', '0', '--remote-allow-system-access'];
  const listening = /WebDriver BiDi listening on (ws:\S+)/;
  const { url, running } = await startDriven('firefox', flags, listening, { preferences });
  try {
    const remote = await connectRemote(`${url}/session`);
    await remote.send('session.new', { capabilities: {} });
    const run = async (context: string, expression: string): Promise<string> => {
      const asked = { expression, target: { context }, awaitPromise: true, resultOwnership: 'none' };
      const { type, result, exceptionDetails } = await remote.send<Evaluated>('script.evaluate', asked);
      if (type === 'exception') throw new Error(`in Firefox: ${exceptionDetails?.text}`);
      return result.value;
    };
    const browser = await remote.send<Contexts>('browsingContext.getTree', { 'moz:scope': 'chrome' });
    const chrome = browser.contexts.find((each) => each.url.endsWith('/browser.xhtml'))?.context ?? '';
    const inPanel = (body: string): Promise<string> => run(chrome, `(async () => {${panelParts}${body}})()`);
    await run(
      chrome,
      `(async () => {
        const { require } = ChromeUtils.importESModule('resource://devtools/shared/loader/Loader.sys.mjs');
        const { gDevTools } = require('devtools/client/framework/devtools');
        const tool = { toolId: 'netmonitor' };
        window.jarfetchToolbox = await gDevTools.showToolboxForTab(gBrowser.selectedTab, tool);
        return '';
      })()`,
    );
    const pages = await remote.send<Contexts>('browsingContext.getTree', { maxDepth: 0 });
    const context = pages.contexts[0]?.context ?? '';
    return {
      navigate: (to) => remote.send('browsingContext.navigate', { context, url: to, wait: 'none' }),
      evaluate: (expression) => run(context, expression),
      save: (last) =>
        inPanel(`
          const { HarExporter } = windowRequire('devtools/client/netmonitor/src/har/har-exporter');
          const { HarMenuUtils } = windowRequire('devtools/client/netmonitor/src/har/har-menu-utils');
          // Of an icon that a navigation has stopped the status never comes.
          const isOver = ({ url, status, eventTimings }) =>
            url.endsWith('/favicon.ico') || (status && eventTimings !== undefined);
          const isThere = (all) => all.some(({ url }) => url.endsWith(${JSON.stringify(last)}));
          const items = await settled((all) => isThere(all) && all.every(isOver));
          if (!isThere(items)) throw new Error('the panel has not seen the last request of ' + items.length);
          return JSON.stringify(await HarExporter.getHar(HarMenuUtils.getDefaultHarOptions(items, connector)));
        `),
      open: async (har) => {
        const shown = await inPanel(`
          const { HarImporter } = windowRequire('devtools/client/netmonitor/src/har/har-importer');
          const text = ${JSON.stringify(har)};
          const { length } = JSON.parse(text).log.entries;
          new HarImporter(actions).import(text);
          const rowsOf = () => [...document.querySelectorAll('.request-list-item')];
          const requests = await settled((all) => all.length === length && rowsOf().length === length);
          const rows = rowsOf().map((row) => row.textContent);
          return JSON.stringify(requests.map(({ method, url, status, responseContent }, index) => ({
            method, url, status: Number(status), row: rows[index] ?? '',
            content: responseContent?.content.text ?? null, messages: 0,
          })));
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

import { type DrivenBrowser, type HostPorts, majorVersion, startDriven, type Tab } from './driven.ts';
import { connectRemote, type Remote } from './remote.ts';

/** Upgrades to https are off, so that pages over http can be tested; names lead to the SOCKS relay; no services. */
const preferencesOf = ({ socks }: HostPorts): string => `
user_pref('dom.security.https_first', false);
user_pref('dom.security.https_first_schemeless', false);
user_pref('network.proxy.type', 1);
user_pref('network.proxy.socks', '127.0.0.1');
user_pref('network.proxy.socks_port', ${socks});
user_pref('network.proxy.socks_version', 5);
user_pref('network.proxy.socks_remote_dns', true);
user_pref('network.captive-portal-service.enabled', false);
user_pref('network.connectivity-service.enabled', false);
user_pref('services.settings.server', 'data:,');
user_pref('toolkit.telemetry.server', '');
user_pref('datareporting.healthreport.uploadEnabled', false);
user_pref('browser.safebrowsing.downloads.remote.enabled', false);
user_pref('browser.safebrowsing.malware.enabled', false);
user_pref('browser.safebrowsing.phishing.enabled', false);
user_pref('browser.safebrowsing.update.enabled', false);
user_pref('extensions.getAddons.cache.enabled', false);
user_pref('network.trr.mode', 5);
user_pref('ui.prefersReducedMotion', 1);
user_pref('browser.sessionstore.resume_from_crash', false);
user_pref('places.history.enabled', false);
user_pref('browser.cache.disk.enable', false);
`;

const flags = ['--remote-debugging-port', '0', '--width', '1000', '--height', '800'];

interface Contexts {
  readonly contexts: readonly { readonly context: string }[];
}

/** Debian's Firefox by WebDriver BiDi. */
export async function driveFirefox(ports: HostPorts): Promise<DrivenBrowser> {
  const listening = /WebDriver BiDi listening on (ws:\S+)/;
  const { url, running } = await startDriven('firefox', flags, listening, {
    preferences: preferencesOf(ports),
  });
  const remote = await connectRemote(`${url}/session`);
  const { capabilities } = await remote.send<{ capabilities: { browserVersion: string } }>('session.new', {
    capabilities: {
      alwaysMatch: { acceptInsecureCerts: true, unhandledPromptBehavior: { default: 'dismiss' } },
    },
  });
  let context: string | undefined;
  const closeOthers = async (): Promise<void> => {
    const { contexts } = await remote.send<Contexts>('browsingContext.getTree', { maxDepth: 0 });
    const others = contexts.filter((each) => each.context !== context);
    for (const other of others) {
      // It may have closed itself.
      await remote.send('browsingContext.close', { context: other.context }).catch(() => {});
    }
    if (others.length > 0) await remote.send('browsingContext.activate', { context });
  };
  return {
    version: majorVersion(capabilities.browserVersion),
    get isClosed() {
      return remote.isClosed;
    },
    tab: async () => {
      await remote.send('storage.deleteCookies');
      context ??= await openContext(remote);
      await closeOthers();
      const toBlank = (): Promise<unknown> =>
        remote.send('browsingContext.navigate', { context, url: 'about:blank', wait: 'complete' });
      try {
        await toBlank();
      } catch {
        // A page that does not go away.
        context = await openContext(remote);
        await closeOthers();
        await toBlank();
      }
      return tabOf(remote, context);
    },
    stop: () => {
      remote.close();
      return running.stop();
    },
  };
}

async function openContext(remote: Remote): Promise<string> {
  const { context } = await remote.send<{ context: string }>('browsingContext.create', { type: 'tab' });
  await remote.send('browsingContext.activate', { context });
  return context;
}

interface Evaluated {
  readonly type: string;
  readonly result: { readonly value: string };
  readonly exceptionDetails?: { readonly text: string };
}

function tabOf(remote: Remote, context: string): Tab {
  const act = async (source: object): Promise<void> => {
    await remote.send('input.performActions', { context, actions: [source] });
  };
  const enter = '\uE007';
  const press = (text: string): Promise<void> =>
    act({
      type: 'key',
      id: 'keyboard',
      actions: [...text].flatMap((value) => [
        { type: 'keyDown', value },
        { type: 'keyUp', value },
      ]),
    });
  return {
    navigate: (url) => remote.send('browsingContext.navigate', { context, url, wait: 'none' }),
    evaluate: async (expression) => {
      const { type, result, exceptionDetails } = await remote.send<Evaluated>('script.evaluate', {
        expression,
        target: { context },
        awaitPromise: true,
        userActivation: false,
        resultOwnership: 'none',
      });
      if (type === 'exception') throw new Error(`in the page: ${exceptionDetails?.text}`);
      return result.value;
    },
    click: (x, y) =>
      act({
        type: 'pointer',
        id: 'mouse',
        parameters: { pointerType: 'mouse' },
        actions: [
          { type: 'pointerMove', x, y, origin: 'viewport' },
          { type: 'pointerDown', button: 0 },
          { type: 'pointerUp', button: 0 },
        ],
      }),
    pressEnter: () => press(enter),
    type: press,
    chooseFiles: async (selector, files) => {
      const locator = { type: 'css', value: selector };
      const { nodes } = await remote.send<{ nodes: { sharedId: string }[] }>('browsingContext.locateNodes', {
        context,
        locator,
      });
      await remote.send('input.setFiles', { context, element: { sharedId: nodes[0]?.sharedId }, files });
    },
  };
}

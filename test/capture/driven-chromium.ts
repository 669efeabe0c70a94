import { setTimeout as delay } from 'node:timers/promises';
import { type DrivenBrowser, type HostPorts, majorVersion, startDriven, type Tab } from './driven.ts';
import { connectRemote, type Remote } from './remote.ts';

/** Upgrades to https are off, so that pages over http can be tested. Without `ports`, only this machine can be reached. */
export function chromiumFlags(ports: HostPorts | undefined): string[] {
  const hosts =
    ports === undefined
      ? 'MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'
      : `MAP *.test:443 127.0.0.1:${ports.tls}, MAP *.test:80 127.0.0.1:${ports.plain}, MAP * ~NOTFOUND`;
  return [
    '--lang=en-US',
    '--ignore-certificate-errors',
    '--remote-debugging-port=0',
    '--window-size=1000,800',
    '--disable-features=HttpsUpgrades,HttpsFirstBalancedMode,HttpsFirstBalancedModeAutoEnable,HttpsFirstModeV2,HttpsFirstModeV2ForEngagedSites,HttpsFirstDialogUi,OptimizationHints,MediaRouter',
    `--host-resolver-rules=${hosts}`,
    'about:blank',
  ];
}

/** Debian's Chromium by the Chrome DevTools Protocol. */
export async function driveChromium(ports?: HostPorts): Promise<DrivenBrowser> {
  const { url, running } = await startDriven(
    'chromium',
    chromiumFlags(ports),
    /DevTools listening on (ws:\S+)/,
  );
  const remote = await connectRemote(url);
  const { product } = await remote.send<{ product: string }>('Browser.getVersion');
  let open: { readonly targetId: string; readonly tab: Tab } | undefined;
  const closeOthers = async (): Promise<void> => {
    const { targetInfos } = await remote.send<{ targetInfos: { type: string; targetId: string }[] }>(
      'Target.getTargets',
    );
    for (const { type, targetId } of targetInfos) {
      if (type !== 'page' || targetId === open?.targetId) continue;
      // It may have closed itself.
      await remote.send('Target.closeTarget', { targetId }).catch(() => {});
    }
  };
  return {
    version: majorVersion(product),
    get isClosed() {
      return remote.isClosed;
    },
    tab: async () => {
      await remote.send('Storage.clearCookies');
      open ??= await openTab(remote);
      await closeOthers();
      const { tab } = open;
      await tab.navigate('about:blank');
      for (let turn = 0; turn < 100; turn++) {
        const shown = await tab.evaluate('document.URL + document.readyState').catch(() => '');
        if (shown === 'about:blankcomplete') return tab;
        await delay(20);
      }
      // A page that does not go away, or a dialog.
      open = undefined;
      open = await openTab(remote);
      await closeOthers();
      return open.tab;
    },
    stop: () => {
      remote.close();
      return running.stop();
    },
  };
}

interface Evaluated {
  readonly result: { readonly value: string; readonly objectId?: string };
  readonly exceptionDetails?: { readonly text: string };
}

async function openTab(remote: Remote): Promise<{ targetId: string; tab: Tab }> {
  const { targetId } = await remote.send<{ targetId: string }>('Target.createTarget', { url: 'about:blank' });
  const attach = { targetId, flatten: true };
  const { sessionId } = await remote.send<{ sessionId: string }>('Target.attachToTarget', attach);
  const send = <T>(method: string, params?: object): Promise<T> => remote.send<T>(method, params, sessionId);
  await send('Page.enable');
  const mouse = (type: string, x: number, y: number, more?: object): Promise<unknown> =>
    send('Input.dispatchMouseEvent', { type, x, y, ...more });
  const key = (type: string, more: object): Promise<unknown> =>
    send('Input.dispatchKeyEvent', { type, ...more });
  const tab: Tab = {
    navigate: (url) => send('Page.navigate', { url }),
    evaluate: async (expression) => {
      const options = { expression, returnByValue: true, userGesture: false };
      const { result, exceptionDetails } = await send<Evaluated>('Runtime.evaluate', options);
      if (exceptionDetails !== undefined) throw new Error(`in the page: ${exceptionDetails.text}`);
      return result.value;
    },
    click: async (x, y) => {
      const button = { button: 'left', clickCount: 1 };
      await mouse('mouseMoved', x, y);
      await mouse('mousePressed', x, y, button);
      await mouse('mouseReleased', x, y, button);
    },
    pressEnter: async () => {
      const enter = {
        key: 'Enter',
        code: 'Enter',
        windowsVirtualKeyCode: 13,
        nativeVirtualKeyCode: 13,
      };
      await key('keyDown', { text: '\r', unmodifiedText: '\r', ...enter });
      await key('keyUp', enter);
    },
    type: async (text) => {
      for (const letter of text) {
        await key('keyDown', { text: letter, unmodifiedText: letter, key: letter });
        await key('keyUp', { key: letter });
      }
    },
    chooseFiles: async (selector, files) => {
      const expression = `document.querySelector(${JSON.stringify(selector)})`;
      const { result } = await send<Evaluated>('Runtime.evaluate', { expression });
      await send('DOM.setFileInputFiles', { files, objectId: result.objectId });
    },
  };
  return { targetId, tab };
}

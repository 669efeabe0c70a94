import { describe, expect, it } from 'vitest';
import { parsePage } from '../../src/page/index.ts';
import { parseRefresh } from '../../src/page/navigate/refresh.ts';

describe('parseRefresh', () => {
  it.each([
    ['5', 5, ''],
    [' 5', 5, ''],
    ['5;', 5, ''],
    ['5.9', 5, ''],
    ['5; url=x', 5, 'x'],
    ['5,URL = x', 5, 'x'],
    ['5;url="x"y', 5, 'x'],
    ["5;url='x", 5, 'x'],
    ["5;'x'", 5, 'x'],
    ['5;url=', 5, ''],
    ['5;ur=x', 5, 'ur=x'],
    ['1.9..5.; url=x', 1, 'x'],
    ['.5;x', 0, 'x'],
  ])('%j', (text, seconds, target) => {
    expect(parseRefresh(text, false)).toEqual({ seconds, target });
  });

  it.each(['', 'x', '+1;url=x', '-1', ';url=x', '1a', '.;url=x'])('%j is none', (text) => {
    expect(parseRefresh(text, false)).toBeNull();
  });

  it('reads a single dot as Firefox does', () => {
    expect(parseRefresh('.;url=x', true)).toEqual({ seconds: 0, target: 'x' });
  });
});

describe('the refresh of a page', () => {
  it('is the one with the shortest delay, and the last of those without a delay', () => {
    const headers = new Headers({ refresh: '1;url=/h' });
    const page = parsePage(
      '<meta http-equiv=Refresh content="1;url=/a"><meta http-equiv=refresh content="1;url=/b"><meta http-equiv=refresh content="2;url=/c">',
      { url: 'https://a.test/', headers },
    );
    expect(page.refresh).toMatchObject({ delay: 1000, url: new URL('https://a.test/b') });
  });
});

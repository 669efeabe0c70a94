import { expect, it } from 'vitest';
import { parsePage } from '../../../src/page/index.ts';

/** What `outerHTML` is in a browser. HTML Standard, "HTML fragment serialization algorithm". */
it.each([
  ['<p class=x>a<b>c</b><br>d</p>', '<p class="x">a<b>c</b><br>d</p>'],
  [
    '<p title="<&quot;&nbsp;&amp;>">&lt;&amp;&nbsp;&gt;</p>',
    '<p title="&lt;&quot;&nbsp;&amp;&gt;">&lt;&amp;&nbsp;&gt;</p>',
  ],
  ['<p><style>a > b</style><script>1 < 2</script></p>', '<p><style>a > b</style><script>1 < 2</script></p>'],
  ['<p><template><i>x</i></template>y</p>', '<p><template><i>x</i></template>y</p>'],
  ['<p><!-- c --></p>', '<p><!-- c --></p>'],
  [
    '<p><svg viewBox="0 0"><a xlink:href="#x"></a></svg></p>',
    '<p><svg viewBox="0 0"><a xlink:href="#x"></a></svg></p>',
  ],
  ['<p><textarea>\n\na</textarea></p>', '<p><textarea>\na</textarea></p>'],
])('%s', (html, expected) => {
  const [row] = parsePage(html, { url: 'https://a.test/' }).extract({
    baseSelector: 'p',
    fields: [{ name: 'html', type: 'html' }],
  });
  expect(row?.html).toBe(expected);
});

it('goes as deep as a page does', () => {
  const [row] = parsePage(`<p>${'<b>'.repeat(100_000)}x`, { url: 'https://a.test/' }).extract({
    baseSelector: 'p',
    fields: [{ name: 'html', type: 'html' }],
  });
  expect(row?.html).toMatch(/^<p>(<b>)+.*x.*(<\/b>)+<\/p>$/s);
});

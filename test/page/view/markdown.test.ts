import { describe, expect, it } from 'vitest';
import { parsePage } from '../../../src/page/index.ts';

const markdown = (html: string): string =>
  parsePage(`<!doctype html><body>${html}`, { url: 'https://a.test/d/' }).markdown();

describe('markdown()', () => {
  it.each([
    ['<h1>Shop <b>of</b> tea</h1><p>x', '# Shop **of** tea\n\nx'],
    ['<b><h2>T</h2></b><h3></h3>x', '## **T**\n\nx'],
    ['<p>a<p>b', 'a\n\nb'],
    ['a<b> b </b>c', 'a **b** c'],
    ['<b><i>x</i></b> <strong><b>y</b></strong>', '***x*** **y**'],
    ['<b>a<p>b</p>c</b>', '**a**\n\n**b**\n\n**c**'],
    ['<b></b>a', 'a'],
    ['<s>x</s>', '~~x~~'],
    ['<a href=x>l</a>', '[l](https://a.test/d/x)'],
    ['<a href="x(1)">l</a>', '[l](https://a.test/d/x%281%29)'],
    ['<a href="javascript:x()">l</a>', 'l'],
    ['<a href=x></a>b', 'b'],
    ['<a href=x><h3>a</h3><p>b</p></a>', '### [a](https://a.test/d/x)\n\nb'],
    ['<img src=i.png alt="a]b">', '![a\\]b](https://a.test/d/i.png)'],
    ['<img src="data:image/png;base64,AA" alt=pic>', 'pic'],
    ['<code>a`b</code>', '``a`b``'],
    ['<pre>a\n  b</pre>', '```\na\n  b\n```'],
    ['<pre><code class="language-js">a``````</code></pre>', '```````js\na``````\n```````'],
    ['a<br>b', 'a  \nb'],
    ['a<hr>b', 'a\n\n---\n\nb'],
    ['<ul><li>a<li>b<ul><li>c</ul></ul>', '- a\n- b\n  - c'],
    ['<ol start=9><li>a<li>b<li value=3>c</ol>', '9. a\n10. b\n3. c'],
    ['<ul><li><p>a</p><p>b</p></ul>', '- a\n\n  b'],
    ['<blockquote>a<blockquote>b</blockquote></blockquote>', '> a\n\n> > b'],
    ['<table><tr><th>a<th>b<tr><td>1|2<td><b>x</b></table>', '| a | b |\n| --- | --- |\n| 1\\|2 | **x** |'],
    ['<table><tr><td>a<tr><td>1<td>2</table>', '| a | |\n| --- | --- |\n| 1 | 2 |'],
    [
      '<table><tr><td>a<br>b<td>c<tr><td><p>d</p><p>e</p><td></table>',
      '| a b | c |\n| --- | --- |\n| d e | |',
    ],
    ['<table><tr><td><h2>a</h2><td>b</table>', '## a\n\nb'],
    ['<p>1 * 2 [x] &lt;b> &amp;amp; a_b _c_ ~~', '1 \\* 2 \\[x\\] \\<b> \\&amp; a_b \\_c\\_ \\~~'],
    ['<p># a<p>- b<p>1. c<p>+ d<p>&gt; e<p>a # b', '\\# a\n\n\\- b\n\n1\\. c\n\n\\+ d\n\n\\> e\n\na # b'],
    ['<p hidden>x</p><script>y</script>z', 'z'],
  ])('of %j', (html, expected) => {
    expect(markdown(html)).toBe(expected);
  });
});

/** Goes through an order of three steps: a form, a file, and the button that confirms; then follows a link. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSession } from 'jarfetch';
import { openPage } from 'jarfetch/page';

const pages: Readonly<Record<string, string>> = {
  '/': `<form action=/address method=post><label>Item <select name=item><option>coffee<option>tea</select></label>
    <label>Amount <input type=number name=amount min=1 value=1></label><button>Next</button></form>`,
  '/address': `<form action=/confirm method=post enctype=multipart/form-data><input type=hidden name=step value=2>
    <label>Name <input name=name required></label><input type=file name=note><button>Next</button></form>`,
  '/confirm': `<form action=/done method=post><button name=do value=cancel formaction=/cancelled>Cancel</button>
    <button name=do value=order>Order now</button></form>`,
  '/done': '<h1>Thank you</h1><a href="/orders/17">Your order</a>',
  '/orders/17': '<h1>Order 17</h1>',
};

const sent: string[] = [];
const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  if (request.method === 'POST') sent.push(`${request.url} ${body.length} bytes`);
  response
    .setHeader('content-type', 'text/html; charset=utf-8')
    .end(pages[request.url ?? ''] ?? 'nothing here');
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
const session = await createSession({ baseUrl: `http://127.0.0.1:${port}` });

const order = (await openPage(session, '/')).form().fill({ item: 'tea', amount: 2 });
// What would be sent can be looked at before it is.
console.log(order.entries());

const address = await order.submit();
const note = new File(['Ring twice.'], 'note.txt', { type: 'text/plain' });
const confirm = await address.form().fill({ name: 'Ada', note }).submit({ text: 'Next' });
const done = await confirm.form().submit({ text: 'Order now' });
const mine = await done.follow({ text: 'your order' });
console.log(done.query('h1')?.text, '/', mine.query('h1')?.text);
console.log(sent.length, 'forms sent');

await session.close();
server.close();

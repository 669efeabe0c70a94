import net, { type AddressInfo } from 'node:net';

/** The benchmarks' server, in its own process: 1 KB of JSON with one Set-Cookie, by raw `net`, so that it never limits. */
const body = JSON.stringify({ text: 'x'.repeat(1010) });
const answer = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nset-cookie: sid=0123456789abcdef; Path=/; HttpOnly\r\n` +
    `content-length: ${body.length}\r\n\r\n${body}`,
);

const server = net.createServer((socket) => {
  let tail = '';
  socket.setNoDelay(true);
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    const text = tail + chunk.toString('latin1');
    const heads = text.split('\r\n\r\n');
    tail = heads.pop() ?? '';
    for (let count = heads.length; count > 0; count--) socket.write(answer);
  });
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit());

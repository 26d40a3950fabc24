// An HTTP CONNECT proxy on a node of the cloud cluster, as a tunnel's outer end is: connect-proxy.js PORT NAME=ADDRESS...
// Names stand for what the cluster's DNS would answer. Other targets, and requests other than CONNECT, are refused. It is
// given to node with -e, and ends when its standard input does.
const { createServer } = require('node:http');
const { connect } = require('node:net');

const [port, ...names] = process.argv.slice(1);
const addresses = new Map(names.map((entry) => entry.split('=')));
const proxy = createServer((_, response) => response.writeHead(405).end());
proxy.on('connect', (request, client, head) => {
  const [name, targetPort] = request.url.split(':');
  const host = addresses.get(name);
  if (host === undefined) {
    client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    return;
  }
  const server = connect(Number(targetPort), host, () => {
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    server.write(head);
    server.pipe(client).pipe(server);
  });
  for (const [one, other] of [
    [server, client],
    [client, server],
  ]) {
    one.on('error', () => other.destroy());
  }
});
proxy.listen(Number(port), () => console.log('listening'));
process.stdin.resume().on('end', () => process.exit(0));

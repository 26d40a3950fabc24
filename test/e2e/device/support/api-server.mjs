// Serves the Secrets of a machine as the API server of a KKP user cluster does, and signs up its kubelet. Only what a
// device asks for. What it does wrong is read from world.json at each request, so that a test can change it at any time.
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer as createPlain } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';

const folder = process.argv[2];
const read = (name) => readFileSync(join(folder, name), 'utf8');
const world = () => JSON.parse(read('world.json'));
const nodes = new Map();

const send = (response, status, body, headers = {}) => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body, undefined, 2));
};
const failure = (code) => ({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code });

const server = createServer(
  {
    key: read('server.key'),
    cert: read('server.crt'),
    ca: read('ca.crt'),
    requestCert: true,
    rejectUnauthorized: false,
  },
  (request, response) => {
    const { tokens, joinToken, secrets, clockOff = 0, status } = world();
    response.sendDate = false;
    response.setHeader('date', new Date(Date.now() + clockOff * 1000).toUTCString());
    const path = request.url.split('?')[0];
    const bearer = /^Bearer (.*)$/.exec(request.headers.authorization ?? '')?.[1];
    if (path === '/version') return send(response, 401, failure(401));
    if (path === '/api') return bearer === joinToken ? send(response, 200, {}) : send(response, 401, failure(401));
    if (status !== undefined) return send(response, status, failure(status));
    const secret = /^\/api\/v1\/namespaces\/cloud-init-settings\/secrets\/(.+)$/.exec(path)?.[1];
    if (secret !== undefined) {
      if (!tokens.includes(bearer)) return send(response, 401, failure(401));
      const data = secrets[secret];
      if (data === undefined) return send(response, 404, failure(404));
      const encoded = Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
      return send(response, 200, { kind: 'Secret', apiVersion: 'v1', data: Object.fromEntries(encoded) });
    }
    const joining = /^\/stand-in\/join\/(.+)$/.exec(path)?.[1];
    if (joining !== undefined) {
      if (bearer !== joinToken) return send(response, 401, failure(401));
      let machineID = '';
      request.on('data', (piece) => (machineID += piece));
      return request.on('end', () => {
        nodes.set(joining, machineID.trim());
        writeFileSync(join(folder, 'joined'), `${joining} ${machineID.trim()}\n`, { flag: 'a' });
        send(response, 200, read('kubelet.pem'));
      });
    }
    const node = /^\/api\/v1\/nodes\/(.+)$/.exec(path)?.[1];
    if (node !== undefined) {
      if (!request.socket.authorized) return send(response, 401, failure(401));
      const machineID = nodes.get(node);
      if (machineID === undefined) return send(response, 404, failure(404));
      const conditions = [
        { type: 'MemoryPressure', status: 'False' },
        { type: 'Ready', status: 'True' },
      ];
      return send(response, 200, {
        kind: 'Node',
        metadata: { name: node },
        status: { conditions, nodeInfo: { machineID } },
      });
    }
    return send(response, 404, failure(404));
  },
);
server.listen(6443, () =>
  createPlain((_, response) => send(response, 200, 'packages')).listen(80, () => console.log('ready')),
);

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Authority } from '../support/certificates';

const SCRIPTS = resolve(__dirname, '../../lib/device/scripts');
const authority = new Authority('ours');
const DAY_MS = 86_400_000;

const isThere = spawnSync('curl', ['--version']).status === 0;
const title = isThere ? '' : ': not tested, because curl is not installed';
(isThere ? test : test.skip).each([
  ['the right certificate', authority.issue({ names: ['127.0.0.1'] }), ['Bearer t0ken']],
  ['one of another CA', new Authority('ours').issue({ names: ['127.0.0.1'] }), []],
  ['one for another name', authority.issue({ names: ['192.0.2.1'] }), []],
  ['one that has expired', authority.issue({ names: ['127.0.0.1'], notAfter: new Date(Date.now() - DAY_MS) }), []],
])(`a token is sent to the API server with %s as it should${title}`, async (_, { certificate, key }, sent) => {
  const folder = mkdtempSync(join(tmpdir(), 'edge-tls-'));
  writeFileSync(join(folder, 'ca.crt'), authority.certificate);
  const seen: (string | undefined)[] = [];
  const server = createServer({ cert: certificate, key }, (request, response) => {
    seen.push(request.headers.authorization);
    response.end('{}');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const api = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const program = `EDGE_NAME=edge1; . "${SCRIPTS}/files.sh"; . "${SCRIPTS}/api.sh"; run=$FOLDER; token=t0ken; api=${api}; status_of "$(api_get /api)"`;
  const child = spawn('sh', ['-c', program], { env: { PATH: process.env.PATH, FOLDER: folder } });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await new Promise((done) => child.on('close', done));
  await new Promise((done) => server.close(done));
  rmSync(folder, { recursive: true });
  expect({ status: output, seen }).toEqual({ status: sent.length > 0 ? '200\n' : '000\n', seen: sent });
});

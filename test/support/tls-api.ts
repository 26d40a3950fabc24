import { spawnSync } from 'node:child_process';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { TLSSocket } from 'node:tls';
import type { Certificate } from './certificates';

/** Where a program of this machine is; `undefined` where it is missing. @param args with which it succeeds at once */
export function programAt(name: string, ...args: readonly string[]): string | undefined {
  const folders = ['/usr/local/bin', '/usr/bin', ...(process.env.PATH ?? '').split(delimiter)];
  return folders.map((folder) => join(folder, name)).find((path) => spawnSync(path, args).status === 0);
}

/** How a client showed who it is. */
export interface Asked {
  readonly authorization: string | undefined;
  readonly hasCertificate: boolean;
}

/** An API server, as far as the clients of a test ask it; it notes with which credential it was asked. */
export interface TlsApi {
  readonly url: string;
  readonly asked: readonly Asked[];
  readonly server: Server;
}

/** What kubectl asks first: the resources of the core group, as plural name, kind and whether they have a namespace. */
export function discovery(
  resources: readonly (readonly [string, string, boolean])[],
  verbs: readonly string[],
): Readonly<Record<string, unknown>> {
  return {
    '/api': { kind: 'APIVersions', versions: ['v1'] },
    '/apis': { kind: 'APIGroupList', apiVersion: 'v1', groups: [] },
    '/api/v1': {
      kind: 'APIResourceList',
      groupVersion: 'v1',
      resources: resources.map(([name, kind, namespaced]) => ({ name, kind, namespaced, singularName: '', verbs })),
    },
  };
}

/** @param answers by path: a text as it is, all else as JSON */
export async function serveTls(
  { certificate, key }: Certificate,
  answers: Readonly<Record<string, unknown>>,
): Promise<TlsApi> {
  const asked: Asked[] = [];
  const server = createServer(
    { cert: certificate, key, requestCert: true, rejectUnauthorized: false },
    ({ url = '', headers, socket }, response) => {
      const shown = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
      asked.push({ authorization: headers.authorization, hasCertificate: shown !== undefined });
      const known = answers[url.split('?')[0] ?? ''];
      if (typeof known === 'string') {
        response.end(known);
        return;
      }
      const notFound = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404 };
      response.writeHead(known === undefined ? 404 : 200, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(known ?? notFound));
    },
  );
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, server };
}

/** A kubeconfig for one user. @param ca in PEM */
export function kubeconfigFor(url: string, ca: string, user: object): string {
  const cluster = { server: url, 'certificate-authority-data': Buffer.from(ca).toString('base64') };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'c',
    users: [{ name: 'u', user }],
  });
}

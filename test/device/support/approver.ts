import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { approvingScript } from '../../../lib/device/serving-certificate-manifests';
import { identifier, integer, pem, sequence, tagged } from '../../support/der';
import { removeFolder } from '../../support/remove-folder';
import type { Shell } from './fake-device';

const hex = (text: string): string => Buffer.from(text).toString('hex');
const list = (texts: readonly string[]): string => texts.map((text) => `${hex(text)},`).join('');

/** What a request asks for, and who makes it: by default as the kubelet of edge1 does, for its own name. */
export interface Request {
  readonly name?: string;
  /** The request in PEM. @default - made from `der` */
  readonly pem?: string;
  readonly der?: Buffer;
  readonly user?: string;
  readonly groups?: readonly string[];
  readonly usages?: readonly string[];
}

/** What is in a request, by its parts in DER. */
export interface Parts {
  readonly version?: Buffer;
  readonly subject?: readonly Buffer[];
  readonly key?: Buffer;
  /** What is asked for. */
  readonly names?: readonly Buffer[];
  /** In the place of the names: all that says them. */
  readonly attributes?: readonly Buffer[];
  readonly signature?: readonly Buffer[];
}

const PRINTABLE = 0x13;
export const UTF8 = 0x0c;
export const ORGANIZATION = '55040a';
export const COMMON_NAME = '550403';
export const EXTENSION_REQUEST = '2a864886f70d01090e';
export const ALTERNATIVE_NAME = '551d11';

export const part = (kind: string, text: string, tag = PRINTABLE): Buffer =>
  tagged(0x31, sequence(identifier(kind), tagged(tag, Buffer.from(text))));
export const dns = (name: string): Buffer => tagged(0x82, Buffer.from(name));
export const address = (bytes: string): Buffer => tagged(0x87, Buffer.from(bytes, 'hex'));
export const extension = (...content: readonly Buffer[]): Buffer =>
  sequence(identifier(EXTENSION_REQUEST), tagged(0x31, sequence(sequence(...content))));
export const alternativeNames = (names: readonly Buffer[]): Buffer =>
  extension(identifier(ALTERNATIVE_NAME), tagged(0x04, sequence(...names)));

/** As long as the keys that kubelets make. */
const KEY = sequence(
  sequence(identifier('2a8648ce3d0201'), identifier('2a8648ce3d030107')),
  tagged(0x03, Buffer.alloc(66, 4)),
);

export function subjectOf(node: string): Buffer[] {
  return [part(ORGANIZATION, 'system:nodes'), part(COMMON_NAME, `system:node:${node}`)];
}

export function derOf(parts: Parts = {}): Buffer {
  const { subject = subjectOf('edge1'), key = KEY, names = [dns('edge1')], version = integer(0) } = parts;
  const { attributes = [alternativeNames(names)], signature = [sequence(), tagged(0x03, Buffer.alloc(72))] } = parts;
  return sequence(sequence(version, sequence(...subject), key, tagged(0xa0, ...attributes)), ...signature);
}

/** A line of the facts about requests, as kubectl prints it. */
export function lineOf(request: Request = {}): string {
  const { name = 'csr-1', user = 'system:node:edge1', groups = ['system:nodes', 'system:authenticated'] } = request;
  const { usages = ['digital signature', 'server auth'], der = derOf() } = request;
  const text = request.pem ?? pem('CERTIFICATE REQUEST', der);
  return `request ${name} uid-1 7 ${hex(user)} ${hex(text)} ${list(usages)} ${list(groups)}`;
}

/** What the API server knows. */
export interface Cluster {
  /** Lines `NAME auto|manual [ADDRESSES]`. */
  readonly machines?: readonly string[];
  /** Addresses and names by nodes. */
  readonly nodes?: Readonly<Record<string, readonly string[]>>;
  readonly service?: readonly string[];
  readonly endpoints?: readonly string[];
  readonly requests: readonly string[];
  /** What kubectl fails to get, by a part of the question. */
  readonly fails?: string;
}

/** How a look of the approver ended: what it said, and what it has told the API server. */
export interface Look {
  readonly code: number | null;
  readonly said: string;
  readonly asked: readonly string[];
  readonly approved: readonly unknown[];
}

const KUBECTL = `#!/bin/sh
echo "$*" | tr '\\n' ' ' | sed 's/$/\\n/' >>"$WORLD/asked"
[ "$1 $2" = '--request-timeout 20s' ] || { echo 'a question without a time limit' >&2; exit 1; }
if [ -s "$WORLD/fails" ]; then case "$*" in *"$(cat "$WORLD/fails")"*) exit 1 ;; esac; fi
case "$*" in
  *'get certificatesigningrequests --field-selector spec.signerName=kubernetes.io/kubelet-serving '*) cat "$WORLD/requests" ;;
  *'get machinedeployments.cluster.k8s.io --namespace kube-system '*) cat "$WORLD/machines" ;;
  *'get nodes '*) cat "$WORLD/nodes" ;;
  *'get service kubernetes --namespace default --ignore-not-found '*) cat "$WORLD/service" ;;
  *'get endpointslices.discovery.k8s.io kubernetes --namespace default --ignore-not-found '*) cat "$WORLD/endpoints" ;;
  *'replace --raw /apis/certificates.k8s.io/v1/certificatesigningrequests/csr-'*'/approval --filename -') cat >>"$WORLD/approved"; echo >>"$WORLD/approved" ;;
  *) exit 1 ;;
esac
`;

/** Has the approver look at a cluster once. */
export function look(shell: Shell, cluster: Cluster): Look {
  const world = mkdtempSync(join(tmpdir(), 'approver-'));
  const { machines = ['edge1 auto'], nodes = { edge1: ['edge1'] }, service = ['10.96.0.1'], endpoints = [] } = cluster;
  const lines = (texts: readonly string[]): string => texts.map((text) => `${text}\n`).join('');
  const hexOf = (texts: readonly string[]): string => texts.map((text) => ` ${hex(text)}`).join('');
  const files: Record<string, string> = {
    kubectl: KUBECTL,
    script: approvingScript(),
    requests: lines(cluster.requests),
    machines: lines(machines.map((text) => `machine ${text}`)),
    nodes: lines(Object.entries(nodes).map(([name, addresses]) => `node ${name}${hexOf(addresses)}`)),
    service: `reserved${hexOf(service)}\n`,
    endpoints: `reserved${hexOf(endpoints)}\n`,
    fails: cluster.fails ?? '',
  };
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(world, name), content);
    chmodSync(join(world, 'kubectl'), 0o755);
    const [command = '', ...args] = shell.split(' ');
    const { status, stdout, stderr } = spawnSync(command, [...args, join(world, 'script')], {
      env: { PATH: `${world}:/usr/bin:/bin`, WORLD: world },
      encoding: 'utf8',
    });
    const read = (name: string): string[] =>
      existsSync(join(world, name)) ? readFileSync(join(world, name), 'utf8').trimEnd().split('\n') : [];
    return {
      code: status,
      said: stdout + stderr,
      asked: read('asked'),
      approved: read('approved').map((text): unknown => JSON.parse(text)),
    };
  } finally {
    removeFolder(world);
  }
}

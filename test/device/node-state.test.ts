import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { SHELLS, type Shell } from './support/fake-device';

const SCRIPTS = resolve(__dirname, '../../lib/device/scripts');
const SHARED = resolve(__dirname, '../../lib/shell');
const PEM = 'etc/kubernetes/pki/kubelet-client-current.pem';
const ID = '0123456789abcdef0123456789abcdef';

/** Prints the arguments of curl elsewhere, and the answer as curl would. */
const CURL = 'curl() { echo "$*" >>"$EDGE_ROOT/asked"; printf \'%s\\n%s\\n\' "$BODY" "$STATUS"; }';

/** What a piece of shell with the questions to the API server prints; `files` are those of the device. */
function run(shell: Shell, text: string, { status = 200, body = '', files = { [PEM]: 'x', 'etc/machine-id': `${ID}\n` } }: {
  readonly status?: number | string;
  readonly body?: string;
  readonly files?: Readonly<Record<string, string>>;
} = {}): { readonly said: string; readonly asked: string } {
  const root = mkdtempSync(join(tmpdir(), 'edge-node-'));
  try {
    for (const [path, content] of Object.entries({ asked: '', ...files })) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    }
    const [command = '', ...args] = shell.split(' ');
    const program = `set -u; EDGE_NAME=edge1; api=https://api; token=t\n. "${SHARED}/answers.sh"; . "${SCRIPTS}/files.sh"; . "${SCRIPTS}/api.sh"\n${CURL}\n${text}\ncat "$EDGE_ROOT/asked" >&2`;
    const { stdout, stderr } = spawnSync(command, [...args, '-c', program], {
      env: { PATH: '/usr/bin:/bin', EDGE_ROOT: root, BODY: body, STATUS: String(status) },
      encoding: 'utf8',
    });
    return { said: stdout, asked: stderr.replaceAll(root, '') };
  } finally {
    rmSync(root, { recursive: true });
  }
} // prettier-ignore

const condition = (type: string, status: string): object => ({ type, status, reason: 'Any', message: 'is "so"' });
const node = (machineID: string, ...conditions: readonly object[]): object => ({
  kind: 'Node',
  metadata: { name: 'edge1', labels: { type: 'Ready' } },
  status: {
    conditions,
    nodeInfo: { machineID, systemUUID: 'ffff' },
  },
});
const PRESSURE = condition('MemoryPressure', 'True');
const READY = condition('Ready', 'True');

describe.each(SHELLS)('in %s', (shell) => {
  test.each<[string, number | string, object, string]>([
    ['that is Ready', 200, node(ID, READY), 'Ready'],
    ['that is Ready among other things', 200, node(ID, PRESSURE, READY, PRESSURE), 'Ready'],
    ['that is not Ready, whatever else is true', 200, node(ID, PRESSURE, condition('Ready', 'False'), PRESSURE), 'NotReady'],
    ['of which nobody knows', 200, node(ID, condition('Ready', 'Unknown')), 'NotReady'],
    ['that has told nothing yet', 200, node(ID), 'NotReady'],
    ['of another device', 200, node('ffffffffffffffffffffffffffffffff', READY), 'taken'],
    ['that was made before its device', 200, node('', READY), 'unregistered'],
    ['that is not there', 404, {}, 'unregistered'],
    ['that this device may not see', 403, {}, 'unregistered'],
    ['of a cluster that does not know this device', 401, {}, 'unregistered'],
    ['whose API server fails', 500, node(ID, READY), 'unreachable'],
    ['whose API server does not answer', '000', {}, 'unreachable'],
  ])('a node %s', (_, status, body, state) => {
    for (const space of [undefined, 2]) {
      const { said, asked } = run(shell, 'node_state', { status, body: JSON.stringify(body, undefined, space) });
      expect(said).toBe(`${state}\n`);
      expect(asked).toContain(`--cert /${PEM} `);
      expect(asked).toMatch(/ https:\/\/api\/api\/v1\/nodes\/edge1\n$/);
    }
  }); // prettier-ignore

  test.each([
    ['no certificate', {}],
    ['a certificate that a power cut has emptied', { [PEM]: '' }],
  ])('a device with %s has not joined, and asks nothing', (_, files) => {
    expect(run(shell, 'node_state', { files })).toEqual({ said: 'unregistered\n', asked: '' });
  });

  test('a value of a Secret is found in whatever layout, by its whole key', () => {
    const data = { 'other-kubeconfig': 'bm8=', kubeconfig: Buffer.from('a: "b"\n').toString('base64'), kubeconfig2: 'bm8=' };
    for (const space of [undefined, 2]) {
      const body = JSON.stringify({ kind: 'Secret', data }, undefined, space);
      const text = 'answer=$(api_get /x); status_of "$answer"; value_of "$answer" kubeconfig; value_of "$answer" none';
      expect(run(shell, text, { body }).said).toBe('200\na: "b"\n');
    }
  }); // prettier-ignore

  test('a token is in no argument, and what is asked for has limits', () => {
    const { asked } = run(shell, 'api_get /x');
    const limits = '--silent --cacert /run/edge-constructs/ca.crt --connect-timeout 10 --max-time 20 --header @- ';
    expect(asked.startsWith(limits)).toBe(true);
    expect(asked).not.toContain('Bearer');
  });
});

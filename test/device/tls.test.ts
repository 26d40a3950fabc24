import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer as createPlainServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { approvingScript } from '../../lib/device/serving-certificate-manifests';
import { DECOMMISSIONING_PARTS, PROVISIONING_PARTS } from '../../lib/device/scripts';
import { Authority, type Certificate } from '../support/certificates';
import { type Asked, discovery, kubeconfigFor, programAt, serveTls } from '../support/tls-api';

const CURL = programAt('curl', '--version');
const KUBECTL = programAt('kubectl', 'version', '--client');

const TRUSTED = new Authority('the CA of the cluster');
const NODE = new Authority('the CA of the clients').issue({ names: ['edge1'] });
const YESTERDAY = new Date(Date.now() - 86_400_000);
const SOUND = (): Certificate => TRUSTED.issue({ names: ['127.0.0.1'] });

const LIES: Readonly<Record<string, () => Certificate>> = {
  'is of another CA': () => new Authority('another CA').issue({ names: ['127.0.0.1'] }),
  'is for another name': () => TRUSTED.issue({ names: ['192.0.2.1', 'edge1.example.com'] }),
  'has expired': () => TRUSTED.issue({ names: ['127.0.0.1'], notAfter: YESTERDAY }),
};

/** Of which there is nothing to be seen but that the signature is wrong. */
const SAME_NAME = [
  'is of another CA of the same name',
  () => new Authority('the CA of the cluster').issue({ names: ['127.0.0.1'] }),
] as const;

/** How a client showed who it is: by a token, or by the certificate of the node. */
type Credential = 'Bearer t0ken' | 'the certificate of the node' | 'nothing';

const ANSWERS = {
  ...discovery(
    [
      ['nodes', 'Node', false],
      ['pods', 'Pod', true],
    ],
    ['get', 'list'],
  ),
  '/api/v1/nodes': { kind: 'NodeList', apiVersion: 'v1', metadata: {}, items: [] },
  '/api/v1/pods': { kind: 'PodList', apiVersion: 'v1', metadata: {}, items: [] },
};

const credentialOf = ({ authorization, hasCertificate }: Asked): Credential =>
  (authorization as Credential | undefined) ?? (hasCertificate ? 'the certificate of the node' : 'nothing');

/** As a kubelet has it, or with a token. */
const kubeconfig = (url: string, user: object): string => kubeconfigFor(url, TRUSTED.certificate, user);

/** A program of a device that asks the API server. */
interface Client {
  readonly needs: string | undefined;
  readonly program: string;
  readonly text: string;
  readonly credential: Credential;
  /** What it makes of an answer, and of none. */
  readonly answered: RegExp;
  readonly unanswered: RegExp;
}

const PROVISIONING = PROVISIONING_PARTS.join('\n');
const CLIENTS: Readonly<Record<string, Client>> = {
  'who fetches Secrets': {
    needs: CURL,
    program: 'curl',
    text: `${PROVISIONING}\napi=$API; token=t0ken; status_of "$(api_get /api)"`,
    credential: 'Bearer t0ken',
    answered: /^200\n$/,
    unanswered: /^000\n$/,
  },
  'who looks at the node': {
    needs: CURL,
    program: 'curl',
    text: `${PROVISIONING}\napi=$API; node_state`,
    credential: 'the certificate of the node',
    answered: /^unregistered\n$/,
    unanswered: /^unreachable\n$/,
  },
  'who moves pods away': {
    needs: KUBECTL,
    program: 'kubectl',
    text: `${DECOMMISSIONING_PARTS.join('\n')}\nif find_pods; then echo found; else echo lost; fi`,
    credential: 'the certificate of the node',
    answered: /^found\n$/,
    unanswered: /^lost\n$/,
  },
  'who approves certificates': {
    needs: KUBECTL,
    program: 'kubectl',
    text: approvingScript().replace(/approve_all\n$/, 'if nodes; then echo found; else echo lost; fi'),
    credential: 'Bearer t0ken',
    answered: /^found\n$/,
    unanswered: /\nlost\n$/,
  },
};

/** What a program said, and what the server saw, whose certificate is this one. */
async function call(text: string, certificate: Certificate): Promise<{ said: string; seen: readonly Credential[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'edge-tls-'));
  const api = await serveTls(certificate, ANSWERS);
  const files: Readonly<Record<string, string>> = {
    'run/edge-constructs/ca.crt': TRUSTED.certificate,
    'etc/kubernetes/pki/kubelet-client-current.pem': NODE.certificate + NODE.key,
    'var/lib/kubelet/kubeconfig': kubeconfig(api.url, {
      'client-certificate': join(folder, 'etc/kubernetes/pki/kubelet-client-current.pem'),
      'client-key': join(folder, 'etc/kubernetes/pki/kubelet-client-current.pem'),
    }),
    kubeconfig: kubeconfig(api.url, { token: 't0ken' }),
    program: `set -u\nEDGE_NAME=edge1\n${text}\n`,
  };
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    mkdirSync(join(folder, 'opt/bin'), { recursive: true });
    if (KUBECTL !== undefined) symlinkSync(KUBECTL, join(folder, 'opt/bin/kubectl'));
    chmodSync(join(folder, 'etc/kubernetes/pki/kubelet-client-current.pem'), 0o600);
    const child = spawn('sh', [join(folder, 'program')], {
      env: {
        PATH: `${dirname(KUBECTL ?? '/usr/bin/kubectl')}:/usr/bin:/bin`,
        EDGE_ROOT: folder,
        API: api.url,
        KUBECONFIG: join(folder, 'kubeconfig'),
        HOME: folder,
      },
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await new Promise((done) => child.on('close', done));
    return { said, seen: api.asked.map(credentialOf) };
  } finally {
    await new Promise((done) => api.server.close(done));
    rmSync(folder, { recursive: true });
  }
}

const found = Object.entries(CLIENTS);
for (const [name, { program }] of found.filter(([, { needs }]) => needs === undefined)) {
  test.skip(`${name}: not tested, because ${program} is not installed`, () => undefined);
}
const clients = found.filter(([, { needs }]) => needs !== undefined);

describe.each(clients)('%s', (_, { text, credential, answered, unanswered }) => {
  test('asks a server that the CA vouches for, and shows who it is', async () => {
    const { said, seen } = await call(text, SOUND());
    expect(said).toMatch(answered);
    expect(seen.length).toBeGreaterThan(0);
    for (const each of seen) expect(each).toBe(credential);
  });

  test.each([...Object.entries(LIES), SAME_NAME])(
    'asks nothing, and shows nothing, where the certificate %s',
    async (__, lie) => {
      const { said, seen } = await call(text, lie());
      expect(seen).toEqual([]);
      expect(said).toMatch(unanswered);
    },
  );
});

if (CURL !== undefined) {
  /** The look at the API server before anything is changed; the finding is all that matters of it. */
  const LOOK = `${PROVISIONING}\nEDGE_MAX_CLOCK_SKEW=60; api=$API; token=t0ken; check_api; echo "$findings"`;

  test('the look before anything is changed asks for the Secrets of a server that the CA vouches for', async () => {
    const { said, seen } = await call(LOOK, SOUND());
    expect(said).not.toContain('presents a certificate');
    expect(seen).toContain('Bearer t0ken');
  });

  test.each(Object.entries(LIES))(
    'it shows no token, and tells what is wrong, where the certificate %s',
    async (_, lie) => {
      const { said, seen } = await call(LOOK, lie());
      expect(said).toContain('presents a certificate that the given CA has not signed, or that is not valid now');
      expect(said).toMatch(/\n1\n$/);
      // It is asked for the time of day, and for nothing else.
      expect(seen).toEqual(['nothing']);
    },
  );

  test('a host of packages that no known CA vouches for is a finding', async () => {
    const text = `${PROVISIONING}\nEDGE_PACKAGE_URLS=$API; EDGE_PROXY=; api=; findings=0; check_network; echo "$findings"`;
    const { said, seen } = await call(text, SOUND());
    expect(said).toMatch(/: the certificate is not trusted; needed: the hosts that packages come from.*\n1\n$/);
    expect(seen).toEqual([]);
  });

  test('a host of packages that leads to one out of reach is a finding', async () => {
    const elsewhere = createPlainServer((_, response) =>
      response.writeHead(302, { Location: 'http://127.0.0.1:1/' }).end(),
    );
    await new Promise<void>((done) => elsewhere.listen(0, '127.0.0.1', done));
    const url = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
    const text = `${PROVISIONING}\nEDGE_PACKAGE_URLS=${url}; EDGE_PROXY=; api=; findings=0; check_network; echo "$findings"`;
    const { said } = await call(text, SOUND());
    elsewhere.close();
    expect(said).toContain(`${url}: the connection is refused; needed: the hosts that packages come from`);
    expect(said).toMatch(/\n1\n$/);
  });
}

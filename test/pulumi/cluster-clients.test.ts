import { Authority } from '../support/certificates';
import { Asker, FakeCluster, kubeconfigOf, type Answer, type Reply, type Seen } from './support/fake-cluster';

const OF_READER = ['secret', 'daemonSet', 'nodes', 'pods'] as const;
const OF_OBJECTS = ['get', 'list', 'delete', 'change'] as const;
const NODE_PATH = '/api/v1/nodes/edge1';

let cluster: FakeCluster;
afterEach(() => cluster.stop());

const asker = new Asker();
const askCluster: Asker['ask'] = (...all) => asker.ask(...all);
afterAll(() => {
  asker.kill();
});

/** Asks in a process of its own, where times are over soon, and which has to end by itself while the server still runs. */
async function askInHaste(kubeconfig: string, ...questions: readonly string[]): Promise<Answer[]> {
  const hasty = new Asker(true);
  try {
    const answers = await hasty.ask(kubeconfig, ...questions);
    await hasty.end();
    return answers;
  } finally {
    hasty.kill();
  }
}

const resources = ['Node', 'Secret'].map((kind) => ({
  kind,
  name: `${kind.toLowerCase()}s`,
  namespaced: kind === 'Secret',
}));

/** An empty cluster, but for what it is told. */
function replies(others: (request: Seen) => Reply | undefined = () => undefined): (request: Seen) => Reply {
  return (request) => {
    if (request.path === '/api/v1') return { status: 200, body: { kind: 'APIResourceList', resources } };
    const other = others(request);
    if (other !== undefined) return other;
    const isList = /\/(pods|secrets)\?/.test(request.path);
    return isList
      ? { status: 200, body: { items: [] } }
      : { status: 404, body: { kind: 'Status', code: 404, message: 'not found' } };
  };
}

async function plainCluster(others?: (request: Seen) => Reply | undefined): Promise<string> {
  cluster = await FakeCluster.start(replies(others));
  // Without TLS the library wants to be told that nothing is verified.
  return kubeconfigOf({ server: `http://127.0.0.1:${cluster.port}`, 'insecure-skip-tls-verify': true });
}

describe('TLS', () => {
  const authority = new Authority('the CA of the cluster');
  const certificate = authority.issue({ names: ['127.0.0.1', 'api.example.com'] });
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const answers = async (with_: object, of: { certificate: string; key: string }): Promise<Answer[]> => {
    cluster = await FakeCluster.start(replies(), of);
    const trusted = {
      server: `https://127.0.0.1:${cluster.port}`,
      'certificate-authority-data': base64(authority.certificate),
    };
    return askCluster(kubeconfigOf({ ...trusted, ...with_ }), ...OF_READER, ...OF_OBJECTS);
  };

  test('every request reaches a server that the kubeconfig vouches for', async () => {
    expect((await answers({}, certificate)).filter(({ message }) => message !== undefined)).toEqual([]);
    expect(new Set(cluster.seen.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer the-token']));
  });

  test('a server may have another name, if the kubeconfig says so', async () => {
    const other = authority.issue({ names: ['api.example.com'] });
    const told = await answers({ 'tls-server-name': 'api.example.com' }, other);
    expect(told.filter(({ message }) => message !== undefined)).toEqual([]);
  });

  test.each([
    [
      'of another authority',
      new Authority('the CA of the cluster').issue({ names: ['127.0.0.1'] }),
      /UNABLE_TO_VERIFY|SELF_SIGNED|CERT_SIGNATURE/,
    ],
    ['of another name', authority.issue({ names: ['127.0.0.2', 'other.example.com'] }), /ERR_TLS_CERT_ALTNAME_INVALID/],
    [
      'that has expired',
      authority.issue({ names: ['127.0.0.1'], notAfter: new Date(Date.now() - 1000) }),
      /CERT_HAS_EXPIRED/,
    ],
  ])('no request is sent to a server with a certificate %s', async (_, wrong, code) => {
    const told = await answers({}, wrong);
    expect(told.map(({ question }) => question)).toEqual([...OF_READER, ...OF_OBJECTS]);
    for (const answer of told) expect(answer).toMatchObject({ code: expect.stringMatching(code) as unknown });
    expect(cluster.seen).toEqual([]);
  });
});

describe('a server that accepts and says nothing', () => {
  test.each<[string, Reply]>([
    ['never answers', 'silence'],
    ['begins an answer and never ends it', 'half an answer'],
  ])('and %s is given up after 30 seconds, and its connection with it', async (_, reply) => {
    const kubeconfig = await plainCluster(() => reply);
    const answers = await askInHaste(
      kubeconfig,
      'secret',
      'daemonSet',
      'nodes',
      'pods',
      'get',
      'list',
      'delete',
      'change',
    );
    expect(answers).toHaveLength(8);
    for (const { message, seconds } of answers) {
      expect(message).toBe('no answer in 30 seconds');
      expect(seconds).toBeGreaterThanOrEqual(29);
    }
  });

  test.each([
    [
      'wait for a unit',
      /^Unit shop: gave up after 5 seconds waiting until the servers are ready: the cluster cannot be queried \(no answer in [0-5] seconds\)\. Nothing is rolled back/,
    ],
    [
      'wait for Secrets',
      /^Machine edge1: waited 5 seconds for KKP; missing in namespace cloud-init-settings: an answer of the user cluster \(no answer in [0-5] seconds\)\. Check the connection to it\. Nothing has been done on the device\.$/,
    ],
  ])('does not outlive the time limit of the %s', async (wait, message) => {
    const [answer] = await askInHaste(await plainCluster(() => 'silence'), wait);
    expect(answer!.message).toMatch(message);
    expect(answer!.seconds).toBeGreaterThanOrEqual(5);
  });

  test('does not end a wait that has time for another try', async () => {
    let asked = 0;
    const kubeconfig = await plainCluster(({ path }) =>
      path.includes('daemonsets') && asked++ < 1
        ? 'silence'
        : path.includes('daemonsets')
          ? { status: 200, body: { metadata: { generation: 1 }, status: { observedGeneration: 1, numberReady: 1 } } }
          : path.includes('shop-sec-kins')
            ? { status: 200, body: { data: { d: 'RA==', t: 'VA==' } } }
            : undefined,
    );
    expect((await askInHaste(kubeconfig, 'wait an hour for a unit'))[0]).toMatchObject({
      told: { direct: 'D', tunnel: 'T' },
    });
  });
});

describe('objects of any kind', () => {
  const node = (resourceVersion: string): Reply => ({
    status: 200,
    body: { apiVersion: 'v1', kind: 'Node', metadata: { name: 'edge1', uid: 'uid-1', resourceVersion } },
  });
  const requests = (): string[] =>
    cluster.seen.filter(({ path }) => path !== '/api/v1').map(({ method, path }) => `${method} ${path}`);

  test('are deleted only as long as they are the ones that were read', async () => {
    const [deleted] = await askCluster(
      await plainCluster(({ method }) => (method === 'DELETE' ? node('2') : undefined)),
      'delete',
    );
    expect(deleted).not.toHaveProperty('message');
    expect(requests()).toEqual([`DELETE ${NODE_PATH}`]);
    expect(cluster.seen.at(-1)!.body).toMatchObject({ preconditions: { uid: 'uid-1' } });
  });

  test('are left when somebody has made another one of the name', async () => {
    const conflict = { status: 409, body: { kind: 'Status', code: 409 } };
    const [deleted] = await askCluster(
      await plainCluster(({ method }) => (method === 'DELETE' ? conflict : undefined)),
      'delete',
    );
    expect(deleted).toMatchObject({ code: 409 });
  });

  test('are changed as they were read, under the name of this library, and read again when somebody was faster', async () => {
    let version = 0;
    const kubeconfig = await plainCluster(({ method }) =>
      method === 'PATCH' && version < 3
        ? { status: 409, body: { kind: 'Status', code: 409 } }
        : node(String(method === 'GET' ? ++version : version)),
    );
    expect((await askCluster(kubeconfig, 'change'))[0]).not.toHaveProperty('message');
    const patch = `PATCH ${NODE_PATH}?fieldManager=edge-constructs`;
    expect(requests()).toEqual([1, 2, 3].flatMap(() => [`GET ${NODE_PATH}`, patch]));
    expect(cluster.seen.at(-1)).toMatchObject({
      contentType: 'application/merge-patch+json',
      body: { metadata: { name: 'edge1', labels: { a: 'b' }, resourceVersion: '3' } },
    });
  });

  test('are given up when somebody is always faster', async () => {
    const kubeconfig = await plainCluster(({ method }) =>
      method === 'PATCH' ? { status: 409, body: { kind: 'Status', code: 409 } } : node('1'),
    );
    expect((await askCluster(kubeconfig, 'change'))[0]).toMatchObject({ code: 409 });
    expect(requests()).toHaveLength(10);
  });

  test('are left when they are missing, or as they should be', async () => {
    expect((await askCluster(await plainCluster(), 'change', 'get'))[1]).not.toHaveProperty('told');
    expect(requests()).toEqual([`GET ${NODE_PATH}`, `GET ${NODE_PATH}`]);
    await cluster.stop();
    await askCluster(await plainCluster(() => node('1')), 'change nothing');
    expect(requests()).toEqual([`GET ${NODE_PATH}`]);
  });

  test('are found by their labels', async () => {
    const found = { status: 200, body: { items: [{ metadata: { name: 'one' } }] } };
    const kubeconfig = await plainCluster(({ path }) => (path.includes('secrets') ? found : undefined));
    const [{ told } = { told: undefined }] = await askCluster(kubeconfig, 'list');
    expect(told).toMatchObject([{ metadata: { name: 'one' } }]);
    expect(requests()).toEqual(['GET /api/v1/namespaces/default/secrets?labelSelector=a%3Db']);
  });

  test('that cannot be asked for are no missing objects', async () => {
    const forbidden = { status: 403, body: { kind: 'Status', code: 403, message: 'forbidden' } };
    const kubeconfig = await plainCluster(() => forbidden);
    for (const answer of await askCluster(kubeconfig, 'get', 'secret', 'delete'))
      expect(answer).toMatchObject({ code: 403 });
  });
});

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../support/free-port';
import type { Assets } from './assets';
import { assets } from './assets';
import type { ClusterAccess } from './cluster';
import { Cluster } from './cluster';
import { eventually } from './poll';
import { Supervised } from './process';

/** Only what a test needs to see happen; workload controllers would change the status of applied objects at any time. */
const CONTROLLERS = [
  'namespace-controller',
  'garbage-collector-controller',
  'serviceaccount-controller',
  'serviceaccount-token-controller',
  'root-ca-certificate-publisher-controller',
  'clusterrole-aggregation-controller',
  'validatingadmissionpolicy-status-controller',
];
const READY_LIMIT_MS = 120_000;
/** A free port can be taken by someone else between asking for it and listening on it. */
const PORT_ATTEMPTS = 3;
/** Relative to the folder that all servers run in: the whole path could exceed what a Unix socket may have. */
const ETCD_SOCKET = 'unix://etcd.sock';

class PortTaken extends Error {}

/** A real etcd and kube-apiserver on loopback. */
export class ControlPlane {
  readonly #servers: readonly Supervised[];

  private constructor(
    public readonly cluster: Cluster,
    servers: readonly Supervised[],
  ) {
    this.#servers = servers;
  }

  /** Starts a control plane and waits until it is ready. */
  public static async start(): Promise<ControlPlane> {
    const programs = await assets();
    for (let attempt = 1; ; attempt++) {
      try {
        return await ControlPlane.#startOnce(programs);
      } catch (error) {
        if (!(error instanceof PortTaken) || attempt === PORT_ATTEMPTS) throw error;
      }
    }
  }

  static async #startOnce(programs: Assets): Promise<ControlPlane> {
    // mkdtemp makes it 0700: that is what keeps other users of the machine from keys, token and etcd's socket.
    const folder = mkdtempSync(join(tmpdir(), 'edge-constructs-api-'));
    const servers: Supervised[] = [];
    try {
      const token = randomBytes(32).toString('hex');
      writeSecret(join(folder, 'tokens.csv'), `${token},admin,admin,system:masters\n`);
      const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      writeSecret(join(folder, 'service-account.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
      writeSecret(join(folder, 'service-account.pub'), publicKey.export({ type: 'spki', format: 'pem' }).toString());

      const port = await freePort();
      servers.push(new Supervised(folder, programs.etcd, etcdArguments()));
      const apiServer = new Supervised(
        folder,
        programs.kubeApiserver,
        apiServerArguments(port, programs.kubeControllerManager !== undefined),
      );
      servers.push(apiServer);

      // The API server makes its own certificate authority at its start, and `caFile` is both that and its certificate.
      const caFile = join(folder, 'certs', 'apiserver.crt');
      await whileRunning(servers, 'the API server has made its certificate', () => Promise.resolve(existsSync(caFile)));
      const access: ClusterAccess = {
        url: `https://127.0.0.1:${port}`,
        folder,
        caFile,
        token,
        kubeconfig: join(folder, 'kubeconfig.json'),
        kubectl: programs.kubectl,
        controllers: programs.kubeControllerManager !== undefined,
      };
      const cluster = new Cluster(access);
      await whileRunning(
        servers,
        '/readyz says ok',
        async () => (await cluster.request('GET', '/readyz')).status === 200,
      );
      writeSecret(access.kubeconfig, kubeconfig(access));

      if (programs.kubeControllerManager !== undefined) {
        servers.push(new Supervised(folder, programs.kubeControllerManager, controllerManagerArguments(access)));
        await whileRunning(servers, 'the controller manager has made the default ServiceAccount', async () => {
          const response = await cluster.request('GET', '/api/v1/namespaces/default/serviceaccounts/default');
          return response.status === 200;
        });
      }
      return new ControlPlane(cluster, servers);
    } catch (error) {
      await stopAll(servers);
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Ends the servers that `start()` started and removes their folder. */
  public async stop(): Promise<void> {
    this.cluster.close();
    await stopAll(this.#servers);
    rmSync(this.cluster.access.folder, { recursive: true, force: true });
  }
}

function etcdArguments(): string[] {
  // A single member talks to no peer; the peer and client addresses it must announce are never dialled.
  const peer = 'http://127.0.0.1:2380';
  return [
    '--name=test',
    '--data-dir=etcd',
    `--listen-client-urls=${ETCD_SOCKET}`,
    '--advertise-client-urls=http://127.0.0.1:2379',
    '--listen-peer-urls=unix://etcd-peer.sock',
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=test=${peer}`,
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
}

function apiServerArguments(port: number, serviceAccounts: boolean): string[] {
  return [
    `--etcd-servers=${ETCD_SOCKET}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    '--cert-dir=certs',
    '--token-auth-file=tokens.csv',
    '--anonymous-auth=false',
    '--authorization-mode=RBAC',
    // Off by default, and then no pod with a privileged container can be made in any namespace.
    '--allow-privileged=true',
    '--service-cluster-ip-range=10.96.0.0/16',
    '--service-account-issuer=https://kubernetes.default.svc',
    '--service-account-key-file=service-account.pub',
    '--service-account-signing-key-file=service-account.key',
    // There are no nodes to reach, and the address of loopback may not be published as an endpoint.
    '--endpoint-reconciler-type=none',
    // Without the controller that makes the default ServiceAccount, this plugin would refuse every pod.
    ...(serviceAccounts ? [] : ['--disable-admission-plugins=ServiceAccount']),
  ];
}

function controllerManagerArguments(access: ClusterAccess): string[] {
  return [
    `--kubeconfig=${access.kubeconfig}`,
    `--controllers=${CONTROLLERS.join(',')}`,
    '--secure-port=0',
    '--leader-elect=false',
    // As kubeadm sets it up: policies and RBAC see system:serviceaccount:kube-system:namespace-controller, not an administrator.
    '--use-service-account-credentials=true',
    '--service-account-private-key-file=service-account.key',
    `--root-ca-file=${access.caFile}`,
  ];
}

function kubeconfig(access: ClusterAccess): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
    clusters: [
      {
        name: 'test',
        cluster: {
          server: access.url,
          'certificate-authority-data': readFileSync(access.caFile).toString('base64'),
        },
      },
    ],
    users: [{ name: 'admin', user: { token: access.token } }],
  });
}

function writeSecret(path: string, content: string): void {
  writeFileSync(path, content, { mode: 0o600 });
}

/** Waits for `probe`, and tells what the servers logged when it does not come true. */
async function whileRunning(
  servers: readonly Supervised[],
  what: string,
  probe: () => Promise<boolean>,
): Promise<void> {
  let dead: Supervised | undefined;
  try {
    await eventually(
      what,
      async () => {
        dead = servers.find((server) => server.outcome !== undefined);
        return dead !== undefined || (await probe());
      },
      READY_LIMIT_MS,
    );
  } catch (error) {
    const logs = servers.map((server) => `--- ${server.name}\n${server.logTail()}`).join('\n');
    throw new Error(`the control plane did not come up: ${(error as Error).message}\n${logs}`, { cause: error });
  }
  if (dead === undefined) return;
  const log = dead.logTail();
  const message = `the control plane did not come up: ${dead.name} ended with ${String(dead.outcome)}\n${log}`;
  throw log.includes('address already in use') ? new PortTaken(message) : new Error(message);
}

/** Clients before what they depend on, each with the time to end in order. */
async function stopAll(servers: readonly Supervised[]): Promise<void> {
  for (const server of [...servers].reverse()) await server.stop();
}

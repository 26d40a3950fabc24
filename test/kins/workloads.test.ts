import type { k8s } from 'cdk8s-plus-27';
import { AutonomyLevel, K3sComponent, TaintEffect, type KinsClusterProps } from '../../lib';
import { find } from '../support/render';
import { kinsObjects } from '../support/units';
import { container, envOf, pod, podOf, PARTS, type Part } from './support/pods';

const { L3, L4, L5 } = AutonomyLevel;
const HASH = 'edge-constructs.io/config-hash';
/** The nodes that a pod can be put on. */
function nodesOf(spec: k8s.PodSpec): string[] {
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  return terms.flatMap(({ matchFields = [], ...others }) => {
    expect(others).toEqual({});
    expect(matchFields).toHaveLength(1);
    expect(matchFields[0]).toMatchObject({ key: 'metadata.name', operator: 'In' });
    return matchFields[0]?.values ?? [];
  });
}

describe('where pods run', () => {
  test('servers on the first nodes or the named ones, the rest on all nodes, by the name of the node', () => {
    const nodes = ['edge1', 'edge2', 'edge3', 'edge4'];
    expect(nodesOf(pod('server', { nodes }))).toEqual(['edge1']);
    expect(nodesOf(pod('server', { nodes }, L5))).toEqual(['edge1', 'edge2', 'edge3']);
    expect(nodesOf(pod('server', { nodes, servers: ['edge4'] }))).toEqual(['edge4']);
    for (const part of ['cri', 'agent'] as const) expect(nodesOf(pod(part, { nodes }, L5))).toEqual(nodes);
    expect(nodesOf(pod('recycle', { nodes }, L3))).toEqual(nodes);
  });

  test('all taints are tolerated, unless tolerations are named', () => {
    for (const part of PARTS) expect(pod(part).tolerations).toEqual([{ operator: 'Exists' }]);
    const tolerations = [{ key: 'kins' }, { key: 'edge', value: 'yes', effect: TaintEffect.NO_SCHEDULE }];
    const expected = [
      { key: 'kins', operator: 'Exists' },
      { key: 'edge', operator: 'Equal', value: 'yes', effect: 'NoSchedule' },
    ];
    const objects = kinsObjects('test', L4, { tolerations });
    for (const part of PARTS) expect(podOf(objects, part).tolerations).toEqual(expected);
  });
});

test('a server that K3s says was removed from etcd is restarted: K3s asks for it, and goes on without etcd', () => {
  const { livenessProbe, volumeMounts } = container(pod('server'), 'server');
  const folder = volumeMounts?.find(({ name }) => name === 'data')?.mountPath;
  expect(livenessProbe?.exec?.command).toEqual(['sh', '-c', `test ! -e ${folder}/k3s/server/db/etcd/tombstone`]);
});

describe('what is replaced when', () => {
  const strategy = (part: Part): unknown =>
    (find(kinsObjects('test', L4), 'DaemonSet', `test-${part}-kins`).spec as k8s.DaemonSetSpec).updateStrategy;

  test('pods one node at a time, each while the earlier one goes on: the workloads belong to none of them', () => {
    for (const part of PARTS) {
      expect(strategy(part)).toEqual({ type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } });
    }
  });

  test('a port that a container names would keep the next pod from starting beside it', () => {
    for (const part of PARTS) {
      const { hostNetwork, containers } = pod(part);
      expect([part, hostNetwork, containers.filter(({ ports }) => ports !== undefined)]).toEqual([part, true, []]);
    }
  });

  test('a part knows the revision of its pod', () => {
    for (const part of PARTS) {
      const { env = [] } = pod(part).containers[0] ?? {};
      expect(env.find(({ name }) => name === 'KINS_REVISION')?.valueFrom?.fieldRef?.fieldPath).toBe(
        "metadata.labels['controller-revision-hash']",
      );
    }
  });

  test('as soon as a pod is ready: a time to wait may keep the DaemonSet from going on, and the pods wait themselves', () => {
    for (const part of PARTS) {
      const { spec } = find(kinsObjects('test', L5), 'DaemonSet', `test-${part}-kins`);
      expect([part, (spec as k8s.DaemonSetSpec).minReadySeconds]).toEqual([part, undefined]);
    }
  });

  test('an agent is ready once its kubelet listens', () => {
    const { readinessProbe } = container(pod('agent'), 'agent');
    // 280A: the kubelet's port 10250, as /proc/net/tcp has it.
    expect(readinessProbe?.exec?.command).toEqual([
      '/bin/sh',
      '/etc/kins/scripts/ready.sh',
      '/run/kins-agent/open',
      '280A',
    ]);
  });

  test.each([L3, L4, L5])(
    'at %s no probe fails because a shell or a connection takes its time on a busy node',
    (level) => {
      const probes = kinsObjects('test', level)
        .filter(({ kind }) => kind === 'DaemonSet')
        .flatMap(({ spec }) => (spec as k8s.DaemonSetSpec).template.spec?.containers ?? [])
        .flatMap(({ name, readinessProbe, livenessProbe, startupProbe }) =>
          [readinessProbe, livenessProbe, startupProbe].flatMap((probe) => (probe ? [{ name, probe }] : [])),
        );
      expect(new Set(probes.map(({ name }) => name)).size).toBe(level === L3 ? 1 : 4);
      for (const { probe } of probes) expect(probe.timeoutSeconds).toBeGreaterThanOrEqual(10);
    },
  );

  const hashes = (props: Partial<KinsClusterProps> = {}): Record<string, string | undefined> => {
    const objects = kinsObjects('test', L4, props);
    return Object.fromEntries(
      PARTS.map((part) => {
        const { template } = find(objects, 'DaemonSet', `test-${part}-kins`).spec as k8s.DaemonSetSpec;
        return [part, template.metadata?.annotations?.[HASH]];
      }),
    );
  };

  test.each<[string, Partial<KinsClusterProps>, string[]]>([
    ['a server option', { serverOptions: { 'etcd-snapshot-retention': ['3'] } }, ['server']],
    ['a component less', { disable: [K3sComponent.TRAEFIK] }, ['server']],
    ['a name in the certificate', { tlsSans: ['api.example.com'] }, ['server']],
    ['another network', { clusterCidr: '10.100.0.0/16' }, ['server']],
    ['an agent option', { agentOptions: { 'node-label': ['a=b'] } }, ['agent']],
    ['a mirror', { registryMirrors: { 'docker.io': ['https://m.example.com'] } }, []],
    ['another pause image', { pauseImage: 'example.com/pause:3' }, ['cri', 'agent']],
    ['another registry', { systemDefaultRegistry: 'example.com' }, ['server', 'cri', 'agent']],
    ['host ports', { hostPorts: [80] }, []],
    ['tolerations', { tolerations: [] }, []],
    ['resources', { resources: { server: { cpuRequest: '1' } } }, []],
    ['the default, written down', { clusterCidr: '10.214.0.0/16' }, []],
  ])('%s changes what pods read in: %j -> %j', (_, props, changed) => {
    const before = hashes();
    const after = hashes(props);
    expect(PARTS.filter((part) => before[part] !== after[part])).toEqual(changed);
    for (const hash of Object.values(after)) expect(hash).toMatch(/^[0-9a-f]{16}$/);
  });
});

describe('images', () => {
  const images = (props: Partial<KinsClusterProps>): string[] => {
    const objects = kinsObjects('test', L4, props);
    const specs = PARTS.map((part) => podOf(objects, part));
    return [
      ...new Set(
        specs.flatMap(({ containers, initContainers = [] }) =>
          [...containers, ...initContainers].map(({ image }) => image ?? ''),
        ),
      ),
    ];
  };

  test.each<[Partial<KinsClusterProps>, string]>([
    [{}, 'docker.io/rancher/k3s:v1.35.1-k3s1'],
    [{ version: 'v1.36.1+k3s2' }, 'docker.io/rancher/k3s:v1.36.1-k3s2'],
    [{ image: 'registry.example.com:5000/k3s:site' }, 'registry.example.com:5000/k3s:site'],
    [{ image: 'example.com/k3s:site', version: 'v1.36.1+k3s2' }, 'example.com/k3s:site'],
  ])('%j: all pods run %s', (props, image) => {
    expect(images(props)).toEqual([image]);
  });

  test('are pulled with the named Secrets', () => {
    const objects = kinsObjects('test', L4, { imagePullSecrets: ['a', 'b'] });
    for (const part of PARTS) expect(podOf(objects, part).imagePullSecrets).toEqual([{ name: 'a' }, { name: 'b' }]);
    expect(pod('cri').imagePullSecrets).toBeUndefined();
  });
});

describe('ports', () => {
  test('of the site, and of the API on loopback, are told to what leads them into the network of the unit', () => {
    const told = (props: Partial<KinsClusterProps>): unknown => {
      const { HOST_PORTS, LOCAL_PORT, API_NODE_PORT, API_PORT, OVERLAY_PORT } = envOf(pod('cri', props), 'containerd');
      return { HOST_PORTS, LOCAL_PORT, API_NODE_PORT, API_PORT, OVERLAY_PORT };
    };
    const ports = { LOCAL_PORT: '26445', API_NODE_PORT: '32643', API_PORT: '26443', OVERLAY_PORT: '26446' };
    expect(told({})).toEqual({ ...ports, HOST_PORTS: '' });
    expect(told({ hostPorts: [80, 443], apiPort: 7443 })).toEqual({
      HOST_PORTS: '80 443',
      LOCAL_PORT: '7445',
      API_NODE_PORT: '32643',
      API_PORT: '7443',
      OVERLAY_PORT: '7446',
    });
    // The kubelet of the cloud would take them for those of the node.
    for (const part of ['cri', 'agent'] as const)
      expect(pod(part, { hostPorts: [80] }).containers.flatMap(({ ports = [] }) => ports)).toEqual([]);
  });

  test('are looked at before anything starts: those of a server on its node, those of the site on every node', () => {
    expect(envOf(pod('server', { apiPort: 7443 }), 'check').PORTS).toBe(
      '7443:apiPort 7444:apiPort+1 2379:etcd 2380:etcd 2381:etcd 2382:etcd 10257:controller-manager ' +
        '10258:cloud-controller-manager 10259:scheduler',
    );
    expect(envOf(pod('cri', { apiPort: 7443, hostPorts: [80] }), 'check').PORTS).toBe('7445:kubeconfig 80:hostPorts');
  });

  test('the Service leads to the API port of ready servers', () => {
    const { spec } = find(kinsObjects('test', L4, { apiPort: 7443 }), 'Service', 'test-svc-kins');
    expect(spec).toEqual({
      type: 'ClusterIP',
      selector: { 'edge-constructs.io/component': 'server', 'edge-constructs.io/unit': 'test' },
      ports: [{ name: 'https', port: 443, targetPort: 7443, protocol: 'TCP' }],
    });
  });
});

describe('resources', () => {
  test('have defaults without limits, and what is given replaces only that', () => {
    const resources = { server: { memoryRequest: '1Gi', memoryLimit: '2Gi' }, agent: { cpuLimit: '500m' } };
    const of = (part: Part, name: string, props: Partial<KinsClusterProps>): unknown =>
      container(pod(part, props), name).resources;
    expect(of('server', 'server', {})).toEqual({ requests: { cpu: '250m', memory: '512Mi' } });
    expect(of('server', 'server', { resources })).toEqual({
      requests: { cpu: '250m', memory: '1Gi' },
      limits: { memory: '2Gi' },
    });
    expect(of('agent', 'agent', { resources })).toEqual({
      requests: { cpu: '100m', memory: '256Mi' },
      limits: { cpu: '500m' },
    });
    expect(of('cri', 'containerd', { resources })).toEqual({ requests: { cpu: '50m', memory: '128Mi' } });
  });
});

describe('joining', () => {
  const addresses = { edge1: '192.0.2.1', edge2: '192.0.2.2', edge3: '192.0.2.3' };

  test('without addresses goes through the Service', () => {
    for (const [part, name] of [
      ['server', 'server'],
      ['agent', 'agent'],
    ] as const) {
      expect(envOf(pod(part), name).JOIN_URL).toBe('https://test-svc-kins.kins-system.svc:443');
      expect(pod(part).hostAliases).toBeUndefined();
    }
    expect(envOf(pod('server'), 'publish').DIRECT_URL).toBe('https://$(NODE_IP):26443');
  });

  test('with addresses needs neither Service nor DNS', () => {
    for (const [part, name] of [
      ['server', 'server'],
      ['agent', 'agent'],
    ] as const) {
      const spec = pod(part, { nodeAddresses: addresses }, L5);
      expect(envOf(spec, name).JOIN_URL).toBe('https://test-servers-kins:26443');
      expect(spec.hostAliases).toEqual(
        Object.values(addresses).map((ip) => ({ ip, hostnames: ['test-servers-kins'] })),
      );
    }
    expect(envOf(pod('server', { nodeAddresses: addresses }, L5), 'publish').DIRECT_URL).toBe(
      'https://192.0.2.1:26443',
    );
  });

  test('every server knows who is first and how many there are; every agent who the servers are', () => {
    expect(envOf(pod('server', {}, L5), 'server')).toMatchObject({ FIRST_SERVER: 'edge1', SERVER_COUNT: '3' });
    expect(envOf(pod('server', { servers: ['edge2'] }), 'server')).toMatchObject({
      FIRST_SERVER: 'edge2',
      SERVER_COUNT: '1',
    });
    expect(envOf(pod('agent', {}, L5), 'agent').SERVERS).toBe('edge1,edge2,edge3');
    expect(envOf(pod('server', {}, L5), 'server').SERVER_URLS).toBe('');
    expect(envOf(pod('server', { nodeAddresses: addresses, apiPort: 7443 }, L5), 'server').SERVER_URLS).toBe(
      'edge1=https://192.0.2.1:7443 edge2=https://192.0.2.2:7443 edge3=https://192.0.2.3:7443',
    );
  });

  test('every agent knows by which ports the nodes have to reach each other, and the servers whose addresses are declared', () => {
    const ports = { apiPort: 7443, nodeAddresses: { edge1: '192.0.2.1', edge3: '192.0.2.3' } };
    expect(envOf(pod('agent', ports), 'agent')).toMatchObject({
      API_PORT: '7443',
      OVERLAY_PORT: '7446',
      SERVER_URLS: 'edge1=https://192.0.2.1:7443',
    });
  });

  test('the tunnel is told to whom it is for', () => {
    const { PROXY_URL, SERVICE_URL } = envOf(
      pod('server', { tunnelProxyUrl: 'socks5://proxy.example.com:1080' }),
      'publish',
    );
    expect(PROXY_URL).toBe('socks5://proxy.example.com:1080');
    expect(SERVICE_URL).toBe('https://test-svc-kins.kins-system:443');
    expect(envOf(pod('server'), 'publish')).toMatchObject({ CREDENTIALS_CONFIGMAP: '' });
    expect(envOf(pod('server', { credentialsInConfigMap: true }), 'publish')).toMatchObject({
      CREDENTIALS_CONFIGMAP: 'test-cm-kins',
    });
  });
});

test("who changes the packet filter of the node waits for the node's own lock", () => {
  for (const [part, name, level] of [
    ['cri', 'containerd', L4],
    ['recycle', 'recycle', L3],
  ] as const) {
    const spec = pod(part, {}, level);
    const lock = spec.volumes?.find(({ hostPath }) => hostPath?.path === '/run/xtables.lock');
    expect(lock?.hostPath?.type).toBe('FileOrCreate');
    expect(container(spec, name).volumeMounts).toContainEqual({ name: lock?.name, mountPath: '/run/xtables.lock' });
  }
});

test('the check knows how pods will reach each other', () => {
  const backend = (props: Partial<KinsClusterProps>): unknown => envOf(pod('cri', props), 'check').FLANNEL_BACKEND;
  expect(backend({})).toBe('vxlan');
  expect(backend({ serverOptions: { 'flannel-backend': ['none'] } })).toBe('none');
});

test('K3s runs once in each pod, not a second time as its process 1, and keeps its heaps small', () => {
  for (const part of ['server', 'agent'] as const) expect(pod(part).shareProcessNamespace).toBe(true);
  for (const part of PARTS)
    expect(envOf(pod(part), part === 'cri' ? 'containerd' : part)).toMatchObject({ GOGC: '50' });
});

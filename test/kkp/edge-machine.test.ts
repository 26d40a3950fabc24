import { execFileSync } from 'node:child_process';
import { App, Chart } from 'cdk8s';
import { clusterLevelOf, EdgeCluster, EdgeMachine, IpFamily, OperatingSystem } from '../../lib';
import type { EdgeMachineProps } from '../../lib';
import { ECDSA_384, ED25519, SK_ED25519 } from './ssh-keys';

interface MachineObject {
  readonly metadata: { readonly name: string; readonly annotations: Record<string, string>; readonly labels: object };
  readonly spec: {
    readonly template: { readonly spec: { readonly providerSpec: { readonly value: Record<string, unknown> } } };
  };
}

const required: EdgeMachineProps = {
  operatingSystem: OperatingSystem.UBUNTU_22_04,
  kubeletVersion: '1.33.4',
  sshPublicKeys: [ED25519],
};

const newChart = (): Chart => new Chart(new App(), 'kkp-user-cluster', { namespace: 'elsewhere' });

function render(props: Partial<EdgeMachineProps> = {}, chart = newChart()): MachineObject {
  new EdgeMachine(chart, 'edge1', { ...required, ...props });
  return (chart.toJson() as MachineObject[])[0]!;
}

const providerConfig = (object: MachineObject): unknown => object.spec.template.spec.providerSpec.value;

test('a machine is one MachineDeployment in kube-system with no replicas and nothing KKP would not decode', () => {
  const chart = newChart();
  expect(render({}, chart)).toEqual({
    apiVersion: 'cluster.k8s.io/v1alpha1',
    kind: 'MachineDeployment',
    metadata: {
      name: 'edge1',
      namespace: 'kube-system',
      labels: { 'edge-constructs.io/operating-system-version': '22.04' },
      annotations: {
        'argocd.argoproj.io/sync-options': 'ServerSideApply=true',
        'k8c.io/operating-system-profile': 'osp-ubuntu',
      },
    },
    spec: {
      replicas: 0,
      selector: { matchLabels: { machine: 'edge1' } },
      template: {
        metadata: { labels: { machine: 'edge1' } },
        spec: {
          providerSpec: {
            value: {
              sshPublicKeys: [ED25519],
              cloudProvider: 'edge',
              cloudProviderSpec: {},
              operatingSystem: 'ubuntu',
              operatingSystemSpec: { distUpgradeOnBoot: false },
            },
          },
          versions: { kubelet: '1.33.4' },
        },
      },
    },
  });
  expect(clusterLevelOf(chart)).toBe('kkp-user-cluster');
});

test('keys keep their comments and lose the line end of the file they came from', () => {
  const { sshPublicKeys } = providerConfig(render({ sshPublicKeys: [`${ECDSA_384}\n`, ` ${SK_ED25519}\r\n`] })) as {
    sshPublicKeys: string[];
  };
  expect(sshPublicKeys).toEqual([ECDSA_384, SK_ED25519]);
  expect(sshPublicKeys[0]).toMatch(/ two words$/);
});

test('the Ubuntu version is a label, since KKP has no place for it', () => {
  const focal = render({ operatingSystem: OperatingSystem.UBUNTU_20_04 });
  expect(focal.metadata.labels).toEqual({ 'edge-constructs.io/operating-system-version': '20.04' });
  expect(providerConfig(focal)).toEqual(providerConfig(render()));
});

test('changing facts are labels: no label changes an annotation, which would destroy the provisioning Secrets', () => {
  const [before, after] = [render(), render({ labels: { site: 'plant7', 'edge/renewed': '2' } })];
  expect(after.metadata.annotations).toEqual(before.metadata.annotations);
  expect(after.metadata.labels).toEqual({
    'edge-constructs.io/operating-system-version': '22.04',
    'edge/renewed': '2',
    site: 'plant7',
  });
});

test('annotations do not depend on kubelet version, keys or operating system', () => {
  const other = render({
    kubeletVersion: '1.32.1',
    operatingSystem: OperatingSystem.UBUNTU_20_04,
    sshPublicKeys: [ECDSA_384],
    distUpgradeOnBoot: true,
  });
  expect(other.metadata.annotations).toEqual(render().metadata.annotations);
});

test('kubelet settings are the annotations that KKP reads, in a fixed order', () => {
  const prefix = 'v1.kubelet-config.machine-controller.kubermatic.io';
  const { annotations } = render({
    operatingSystemProfile: 'osp-plant7',
    kubelet: {
      maxPods: 30,
      containerLogMaxSize: '10Mi',
      containerLogMaxFiles: 2,
      imageGcHighThresholdPercent: 70,
      imageGcLowThresholdPercent: 60,
      kubeReserved: { memory: '150Mi', cpu: '100m' },
      systemReserved: { memory: '100Mi' },
      evictionHard: { 'nodefs.available': '5%', 'memory.available': '50Mi' },
    },
  }).metadata;
  expect(annotations).toEqual({
    'argocd.argoproj.io/sync-options': 'ServerSideApply=true',
    'k8c.io/operating-system-profile': 'osp-plant7',
    [`${prefix}/ContainerLogMaxFiles`]: '2',
    [`${prefix}/ContainerLogMaxSize`]: '10Mi',
    [`${prefix}/EvictionHard`]: 'memory.available<50Mi,nodefs.available<5%',
    [`${prefix}/ImageGCHighThresholdPercent`]: '70',
    [`${prefix}/ImageGCLowThresholdPercent`]: '60',
    [`${prefix}/KubeReserved`]: 'cpu=100m,memory=150Mi',
    [`${prefix}/MaxPods`]: '30',
    [`${prefix}/SystemReserved`]: 'memory=100Mi',
  });
});

describe('with its cluster', () => {
  const cluster = new EdgeCluster(new Chart(new App(), 'kkp-seed'), 'shop', {
    datacenter: 'edge-eu-de',
    version: '1.34.2',
    clusterNetwork: { ipFamily: IpFamily.DUAL_STACK },
  });

  test('the IP family is that of the cluster', () => {
    expect(providerConfig(render({ cluster }))).toMatchObject({ network: { ipFamily: 'IPv4+IPv6' } });
  });

  test.each([['1.34.9'], ['1.33.0'], ['1.31.7']])('kubelet %s fits 1.34.2', (kubeletVersion) => {
    expect(() => render({ cluster, kubeletVersion })).not.toThrow();
    expect(() => render({ controlPlaneVersion: '1.34.2', kubeletVersion })).not.toThrow();
  });
});

test('the IP family can be given without a cluster; IPv4 needs no mention', () => {
  expect(providerConfig(render({ ipFamily: IpFamily.DUAL_STACK }))).toMatchObject({
    network: { ipFamily: 'IPv4+IPv6' },
  });
  expect(providerConfig(render({ ipFamily: IpFamily.IPV4 }))).not.toHaveProperty('network');
});

test('Ubuntu 20.04 takes kubelets up to 1.34, and later ones with a profile that deals with cgroup v1', () => {
  const operatingSystem = OperatingSystem.UBUNTU_20_04;
  expect(() => render({ operatingSystem, kubeletVersion: '1.34.9' })).not.toThrow();
  expect(() =>
    render({ operatingSystem, kubeletVersion: '1.35.1', operatingSystemProfile: 'osp-focal' }),
  ).not.toThrow();
});

describe('the provisioning script', () => {
  const { provisioningScript } = new EdgeMachine(newChart(), 'edge1', required);

  test('and what it needs are named as KKP names them', () => {
    expect(provisioningScript).toMatchObject({
      secretName: 'edge-provider-script-edge1-kube-system',
      namespace: 'cloud-init-settings',
      key: 'fetch-bootstrap-script',
      requiredSecrets: {
        bootstrapConfig: 'edge1-kube-system-bootstrap-config',
        provisioningConfig: 'edge1-kube-system-provisioning-config',
        kubeletBootstrapConfig: 'kube-system-edge1-kubelet-bootstrap-config',
        getterToken: 'cloud-init-getter-token',
      },
    });
  });

  test("can be fetched by people with a command that any POSIX shell parses and that keeps it to the file's owner", () => {
    expect(provisioningScript.kubectlCommand).toBe(
      '(umask 077 && kubectl --namespace cloud-init-settings get secret edge-provider-script-edge1-kube-system ' +
        `--output go-template='{{index .data "fetch-bootstrap-script" | base64decode}}' > edge1.sh)`,
    );
    execFileSync('sh', ['-n', '-c', provisioningScript.kubectlCommand]);
  });
});

test('machines of one name may be in two charts, which go to two clusters', () => {
  const app = new App();
  new EdgeMachine(new Chart(app, 'one'), 'edge1', required);
  expect(() => new EdgeMachine(new Chart(app, 'two'), 'edge1', required)).not.toThrow();
});

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv, { type ValidateFunction } from 'ajv';
import { App, Chart } from 'cdk8s';
import { parse } from 'yaml';
import {
  ApiServerServiceType,
  CniPluginType,
  EdgeCluster,
  EdgeDatacenter,
  EdgeMachine,
  ExposeStrategy,
  IpFamily,
  OperatingSystem,
  ProxyMode,
  Seed,
} from '../../lib';
import { ED25519 } from './ssh-keys';

const CRDS = join(__dirname, '../../../shared/crds/kubermatic');
const isThere = existsSync(CRDS);
if (!isThere) console.log(`skipped: there are no CRDs of KKP in ${CRDS}`);

interface Schema {
  readonly properties?: Record<string, Schema>;
  readonly items?: Schema;
  readonly additionalProperties?: unknown;
  readonly required?: readonly string[];
}

interface KkpObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

interface Crd {
  readonly spec: {
    readonly scope: string;
    readonly group: string;
    readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: Schema } }[];
  };
}

/** Strict field validation refuses what a schema does not know; a schema that keeps unknown fields has no properties. */
function strict(schema: Schema): Schema {
  const { properties, items, additionalProperties } = schema;
  const known = properties && Object.fromEntries(Object.entries(properties).map(([key, each]) => [key, strict(each)]));
  return {
    ...schema,
    ...(known && { properties: known, additionalProperties: false }),
    ...(items && { items: strict(items) }),
    ...(typeof additionalProperties === 'object' && { additionalProperties: strict(additionalProperties as Schema) }),
  };
}

const FILES: Readonly<Record<string, string>> = {
  Seed: 'kubermatic.k8c.io_seeds.yaml',
  Cluster: 'kubermatic.k8c.io_clusters.yaml',
  MachineDeployment: 'cluster.k8s.io_machinedeployments.yaml',
};
const validators = new Map<string, ValidateFunction>();

function problemsOf(object: KkpObject): unknown {
  const crd = parse(readFileSync(join(CRDS, FILES[object.kind]!), 'utf8')) as Crd;
  const version = crd.spec.versions.find(({ name }) => `${crd.spec.group}/${name}` === object.apiVersion)!;
  expect(object.metadata.namespace !== undefined).toBe(crd.spec.scope === 'Namespaced');
  const schema = strict(version.schema.openAPIV3Schema);
  // The API server checks metadata by rules of its own.
  if (schema.properties !== undefined) schema.properties['metadata'] = {};
  const validate =
    validators.get(object.kind) ?? new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
  validators.set(object.kind, validate);
  validate(object);
  return validate.errors;
}

function objectOf(declare: (chart: Chart) => void): KkpObject {
  const chart = new Chart(new App(), 'chart');
  declare(chart);
  return (chart.toJson() as KkpObject[])[0]!;
}

(isThere ? describe : describe.skip)("KKP's schemas take", () => {
  const partial = objectOf((chart) => {
    const seed = new Seed(chart, 'seed', { country: 'US' });
    new EdgeDatacenter(chart, 'edge-eu-de', { seed, country: 'US', location: 'LA' });
  });

  test('a whole Seed with all settings', () => {
    const whole = objectOf((chart) => {
      const seed = new Seed(chart, 'seed', {
        kubeconfig: { name: 'kubeconfig', fieldPath: 'config' },
        country: 'DE',
        location: 'Hamburg',
        exposeStrategy: ExposeStrategy.TUNNELING,
        seedDnsOverwrite: 'hh',
        proxySettings: { httpProxy: 'http://proxy.local:3128', noProxy: ['.local'] },
      });
      new EdgeDatacenter(chart, 'all', {
        seed,
        node: {
          httpProxy: 'http://proxy.local:3128',
          noProxy: ['.local'],
          insecureRegistries: ['r.local:5000'],
          registryMirrors: { 'docker.io': ['m.local'], 'ghcr.io': ['https://m.local'] },
          pauseImage: 'r.local/pause:3.10',
          enableNonRootDeviceOwnership: true,
        },
        requiredEmails: ['example.com'],
        enforceAuditLogging: true,
        enforcedAuditWebhookSettings: {
          auditWebhookConfig: { name: 'a', namespace: 'b' },
          auditWebhookInitialBackoff: '1s',
        },
        authenticationConfiguration: { secretName: 'a', secretKey: 'b' },
        operatingSystemProfiles: { ubuntu: 'osp-plant7' },
        apiServerServiceType: ApiServerServiceType.LOAD_BALANCER,
      });
    });
    expect(problemsOf(whole)).toBeNull();
  });

  test('a partial Seed, but for the kubeconfig that its owner has in it', () => {
    expect(problemsOf(partial)).toMatchObject([{ keyword: 'required', params: { missingProperty: 'kubeconfig' } }]);
  });

  test('the smallest cluster', () => {
    const smallest = objectOf((chart) => new EdgeCluster(chart, 'shop', { datacenter: 'd', version: '1.33.4' }));
    expect(problemsOf(smallest)).toBeNull();
  });

  test('a cluster with all settings', () => {
    const all = objectOf(
      (chart) =>
        new EdgeCluster(chart, 'shop', {
          datacenter: 'd',
          version: '1.33.4',
          projectId: 'p',
          exposeStrategy: ExposeStrategy.LOAD_BALANCER,
          apiServerAllowedIpRanges: ['192.0.2.0/24'],
          clusterNetwork: {
            ipFamily: IpFamily.DUAL_STACK,
            nodeCidrMaskSizeIpv4: 24,
            nodeCidrMaskSizeIpv6: 64,
            proxyMode: ProxyMode.NFTABLES,
            nodeLocalDnsCacheEnabled: true,
          },
          cniPlugin: { type: CniPluginType.CANAL, version: 'v3.31' },
          enableUserSshKeyAgent: true,
          labels: { a: 'b' },
        }),
    );
    expect(problemsOf(all)).toBeNull();
  });

  test('a machine', () => {
    const machine = objectOf(
      (chart) =>
        new EdgeMachine(chart, 'edge1', {
          operatingSystem: OperatingSystem.UBUNTU_22_04,
          kubeletVersion: '1.33.4',
          sshPublicKeys: [ED25519],
        }),
    );
    expect(problemsOf(machine)).toBeNull();
  });

  test('but not what they do not know', () => {
    const datacenters = { a: { spec: { edge: {} }, nodeSettings: {} } };
    expect(problemsOf({ ...partial, spec: { kubeconfig: {}, datacenters } } as KkpObject)).toMatchObject([
      { keyword: 'additionalProperties', params: { additionalProperty: 'nodeSettings' } },
    ]);
  });
});

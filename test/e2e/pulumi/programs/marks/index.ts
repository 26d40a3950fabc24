/**
 * A secret in every place where an Output can stand. Each is another one, made of the name of its place, so that the one
 * that is found tells which place it came from.
 */
import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { ApiObject, App, Chart, type ApiObjectProps } from 'cdk8s';
import { AutonomyLevel, OperatingSystem } from 'edge-constructs';
import {
  ChartResources,
  EdgeCluster,
  EdgeDatacenter,
  EdgeMachine,
  KinsCluster,
  NodeMetadata,
  NodeUnit,
  OutputTokens,
  Seed,
} from 'edge-constructs/pulumi';
import { Marks } from './marks';

const config = new pulumi.Config();
const marks = new Marks(config.require('seed'));
const mark = (place: string): pulumi.Output<string> => pulumi.secret(marks.at(place));
const within = (place: string, before: string, after: string): pulumi.Output<string> =>
  pulumi.secret(`${before}${marks.at(place)}${after}`);

const opts = {
  provider: new kubernetes.Provider('cluster', {
    kubeconfig: config.requireSecret('kubeconfig'),
    enableConfigMapMutable: true,
    enableSecretMutable: true,
  }),
};

new NodeMetadata(
  'node',
  {
    nodeName: 'edge1',
    labels: { 'example.com/label': mark('NodeMetadata label') },
    annotations: {
      'example.com/whole': mark('NodeMetadata annotation'),
      'example.com/part': pulumi.interpolate`x ${mark('NodeMetadata annotation with text')} x`,
    },
  },
  opts,
);

const seed = new Seed(
  'seed',
  {
    name: 'marked',
    namespace: 'kubermatic',
    country: 'DE',
    location: mark('Seed location'),
    kubeconfig: { name: mark('Seed kubeconfig name'), fieldPath: mark('Seed kubeconfig field') },
    proxySettings: {
      httpProxy: within('Seed proxy', 'http://', '.example.com:3128'),
      noProxy: [within('Seed noProxy', '.', '.example.com')],
    },
  },
  opts,
);
new EdgeDatacenter(
  'marked-datacenter',
  {
    seed,
    country: 'DE',
    location: mark('EdgeDatacenter location'),
    requiredEmails: [within('EdgeDatacenter email', '', '.example.com')],
    node: {
      httpProxy: within('EdgeDatacenter proxy', 'http://', '.example.com:3128'),
      registryMirrors: { 'docker.io': [within('EdgeDatacenter mirror', 'https://', '.example.com')] },
      insecureRegistries: [within('EdgeDatacenter registry', '', '.example.com:5000')],
      pauseImage: within('EdgeDatacenter image', 'registry.example.com/', '/pause:3.9'),
    },
  },
  opts,
);
new EdgeCluster(
  'marked',
  {
    datacenter: 'marked-datacenter',
    version: '1.33.5',
    humanReadableName: mark('EdgeCluster name for people'),
    labels: { 'example.com/label': mark('EdgeCluster label') },
  },
  opts,
);
const machine = new EdgeMachine(
  'edge1',
  {
    operatingSystem: OperatingSystem.UBUNTU_22_04,
    kubeletVersion: '1.33.5',
    sshPublicKeys: [
      within(
        'EdgeMachine key comment',
        'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHSmGRm7NCNbZzK1o3OBgZWWUo07/mcVJeLxA6UqfFPg ',
        '',
      ),
    ],
    labels: { 'example.com/label': mark('EdgeMachine label') },
  },
  opts,
);
new NodeUnit(
  'pool',
  {
    nodes: ['edge7'],
    labels: { 'example.com/label': mark('NodeUnit label') },
    annotations: { 'example.com/annotation': mark('NodeUnit annotation') },
    setNode: {
      labels: { 'example.com/node': mark('NodeUnit label of nodes') },
      annotations: { 'example.com/node': mark('NodeUnit annotation of nodes') },
    },
  },
  opts,
);
const kins = new KinsCluster(
  'marked',
  {
    nodes: ['edge2'],
    autonomyLevel: config.get<AutonomyLevel>('level') ?? AutonomyLevel.L4,
    cloudKubeconfig: config.require('kubeconfig'),
    image: within('KinsCluster image', 'registry.example.com/', '/k3s:v1.35.1-k3s1'),
    pauseImage: within('KinsCluster pause image', 'registry.example.com/', '/pause:3.6'),
    registryMirrors: { 'docker.io': [within('KinsCluster mirror', 'https://', '.example.com')] },
    imagePullSecrets: [mark('KinsCluster pull secret')],
    systemDefaultRegistry: within('KinsCluster registry', '', '.example.com'),
    tlsSans: [within('KinsCluster name', '', '.example.com')],
    tunnelProxyUrl: within('KinsCluster tunnel', 'http://', '.example.com:8080'),
    serverOptions: { 'kube-apiserver-arg': [within('KinsCluster server option', 'oidc-client-id=', '')] },
    agentOptions: { 'node-label': [within('KinsCluster agent option', 'example.com/a=', '')] },
    tolerations: [{ key: 'example.com/taint', value: mark('KinsCluster toleration') }],
  },
  opts,
);

const chart = new Chart(new App(), 'own', { namespace: 'default' });
const tokens = OutputTokens.of(chart);
const base64 = (text: string): string => Buffer.from(text).toString('base64');
/** An object with one secret: a field with several would be hidden for any of them. */
const object = (place: string, of: (token: string) => ApiObjectProps & Readonly<Record<string, unknown>>): void => {
  new ApiObject(chart, place, of(tokens.asString(mark(place))));
};
const secret = { apiVersion: 'v1', kind: 'Secret' };
object('Secret stringData', (token) => ({ ...secret, stringData: { key: token } }));
object('Secret JSON', (token) => ({ ...secret, stringData: { json: JSON.stringify({ a: { b: token } }) } }));
object('Secret data', (token) => ({ ...secret, data: { key: base64(token) } }));
object('Secret data in text', (token) => ({ ...secret, data: { key: base64(`x${token}y`) } }));
object('Secret key', (token) => ({ ...secret, stringData: { [token]: 'a' } }));
object('Secret docker password', (token) => ({
  ...secret,
  type: 'kubernetes.io/dockerconfigjson',
  stringData: {
    '.dockerconfigjson': JSON.stringify({ auths: { 'registry.example.com': { auth: base64(`user:${token}`) } } }),
  },
}));
object('Secret in clear', () => ({ ...secret, stringData: { key: marks.at('Secret in clear') } }));
object('Secret in clear, encoded', () => ({ ...secret, data: { key: base64(marks.at('Secret in clear, encoded')) } }));

const configMap = { apiVersion: 'v1', kind: 'ConfigMap' };
object('label', (token) => ({ ...configMap, metadata: { labels: { 'example.com/label': token } } }));
object('annotation', (token) => ({ ...configMap, metadata: { annotations: { 'example.com/annotation': token } } }));
object('key of an annotation', (token) => ({ ...configMap, metadata: { annotations: { [`example.com/${token}`]: 'a' } } })); // prettier-ignore
object('ConfigMap data', (token) => ({ ...configMap, data: { key: token } }));
object('ConfigMap data in text', (token) => ({ ...configMap, data: { key: `password: ${token}\n` } }));
object('ConfigMap data, encoded', (token) => ({ ...configMap, data: { key: base64(token) } }));
object('ConfigMap key', (token) => ({ ...configMap, data: { [token]: 'a' } }));
object('ConfigMap binary data', (token) => ({ ...configMap, binaryData: { key: base64(token) } }));

const quiet = { metadata: { annotations: { 'pulumi.com/skipAwait': 'true' } } };
object('name of a host', (token) => ({ apiVersion: 'v1', kind: 'Service', ...quiet, spec: { type: 'ExternalName', externalName: `${token}.example.com` } })); // prettier-ignore
const deployment = (container: object, pod: object = {}, annotations: object = {}): ApiObjectProps => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  ...quiet,
  spec: {
    replicas: tokens.asNumber(pulumi.secret(0)),
    selector: { matchLabels: { app: 'own' } },
    template: {
      metadata: { labels: { app: 'own' }, annotations },
      spec: { ...pod, containers: [{ name: 'main', image: 'registry.example.com/a:1', ...container }] },
    },
  },
});
object('annotation of pods', (token) => deployment({}, {}, { a: token }));
object('image', (token) => deployment({ image: `registry.example.com/${token}:1` }));
object('variable', (token) => deployment({ env: [{ name: 'PASSWORD', value: token }] }));
object('name of a variable', (token) => deployment({ env: [{ name: token, value: 'a' }] }));
object('arguments', () => deployment({ args: tokens.asAny(pulumi.all([mark('arguments')])) }));
object('object', () => deployment({ envFrom: [mark('object').apply((name) => ({ configMapRef: { name } }))] }));
object('name of an item', (token) => deployment({}, { imagePullSecrets: [{ name: token }] }));

// What is refused must not be shown either.
const wrong: Readonly<Record<string, (token: string) => ApiObjectProps & Readonly<Record<string, unknown>>>> = {
  'wrong: name': (token) => ({ ...configMap, metadata: { name: token } }),
  'wrong: namespace': (token) => ({ ...configMap, metadata: { namespace: token } }),
  'wrong: annotation of a Secret': (token) => ({ ...secret, metadata: { annotations: { a: token } } }),
  'wrong: type of a Secret': (token) => ({ ...secret, type: token }),
  'wrong: label': (token) => ({ ...configMap, metadata: { labels: { a: `${token} ` } } }),
  'wrong: key of a label': (token) => ({ ...configMap, metadata: { labels: { [`${token} `]: 'a' } } }),
  'wrong: key of a ConfigMap': (token) => ({ ...configMap, data: { [`${token}/`]: 'a' } }),
  'wrong: text for a number': (token) => ({ apiVersion: 'v1', kind: 'Service', spec: { ports: [{ port: token }] } }),
};
for (const [place, of] of Object.entries(wrong)) {
  marks.at(place);
  if (config.get('wrong') === place) object(place, of);
}
new ChartResources('own', { chart }, opts);

export const places = marks.places;
export const unit = kins.unitName;
export const nodeName = machine.nodeName;
export const kubeconfig = kins.tunnelKubeconfig;

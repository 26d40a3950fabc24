import type { IConstruct } from 'constructs';
import { ClusterLevel } from '../../core/cluster-level';
import { secondsOf } from '../../core/grammars/durations';
import { registryHost } from '../../core/grammars/hosts';
import { imageReference } from '../../core/grammars/images';
import { instanceOf } from '../../core/instance-of';
import { dns1035Label, dnsSubdomain } from '../../core/grammars/names';
import { addressAt, ipAddress, parseNetwork } from '../../core/grammars/networks';
import { needsValue } from '../../core/placeholders/ask';
import { derive } from '../../core/placeholders/placeholder';
import type { PropsCheck } from '../../core/props-check';
import { withDefaults } from '../../core/with-defaults';
import { parseQuantity } from '../../core/grammars/quantities';
import { bool, enumOf, firstOf, integer, isPlainObject, listOf, mapOf, optional, shape, text } from '../../core/rules';
import type { Rule } from '../../core/rule';
import { K3sComponent } from '../../k3s/component';
import { k3sAgentOptions, k3sServerOptions } from '../../k3s/options';
import { anyK3sRelease, DEFAULT_K3S_VERSION, k3sImage, k3sVersion } from '../../k3s/version';
import { AutonomyLevel } from '../../superedge/autonomy-level';
import { NodeUnit } from '../../superedge/node-unit';
import { API_NODE_PORT } from '../config-files';
import type { KinsClusterProps, KinsPodResources } from '../kins-cluster-props';
import { podResources, proxyUrl, subjectName, toleration } from './kins-rules';
import type { KinsModel } from '../model';
import { checkNetworks, checkRoom, NETWORK_RULES } from './networks-check';
import { checkPorts } from './ports-check';
import { wholeMirror } from '../../core/grammars/registry-mirror';
import { registries, registryMirrors } from './registry-rules';
import { addressesOf, checkRetiredServers, serversOf } from './servers-check';
import { LONGEST_UNIT_NAME, SHARED_ID } from '../names';
import { k3sImageReference, prepull, UPGRADE_RULES } from './upgrade-rules';
import { checkVersions } from './version-check';
import { checkClaims, checkStep, levelOf, nodesOf, unitOf } from './unit-check';

const DEFAULTS = {
  clusterCidr: '10.214.0.0/16',
  serviceCidr: '10.215.0.0/16',
  nodeCidr: '10.216.0.0/16',
  apiPort: 26443,
  tunnelProxyUrl: 'http://tunnel-cloud.edge-system.svc.cluster.local:8080',
  version: DEFAULT_K3S_VERSION,
  timeZone: 'UTC',
  maintenanceWindows: [],
  upgradeSoak: '15m',
  retiredServers: [],
  hostPorts: [],
  credentialsInConfigMap: false,
  imagePullSecrets: [],
  registryMirrors: {},
  registries: {},
  disable: [],
  tlsSans: [],
  secretsEncryption: true,
  bootWhileDark: true,
  serverOptions: {},
  agentOptions: {},
  tolerations: [{}],
} satisfies Partial<KinsClusterProps>;

const PAUSE_IMAGE = 'docker.io/rancher/mirrored-pause:3.6';

const DEFAULT_RESOURCES = {
  server: { cpuRequest: '250m', memoryRequest: '512Mi' },
  agent: { cpuRequest: '100m', memoryRequest: '256Mi' },
  cri: { cpuRequest: '50m', memoryRequest: '128Mi' },
} as const;

const PROPS: Readonly<Record<keyof KinsClusterProps, Rule>> = {
  name: optional(dns1035Label({ maxLength: LONGEST_UNIT_NAME })),
  nodes: optional(listOf(dnsSubdomain(), { min: 1, uniqueBy: (node) => node, remedy: 'Name the nodes of the unit.' })),
  nodeUnit: optional(instanceOf(NodeUnit, 'a NodeUnit', 'Give the construct itself, or nodes.')),
  autonomyLevel: optional(enumOf(AutonomyLevel, 'AutonomyLevel')),
  previousLevel: optional(enumOf(AutonomyLevel, 'AutonomyLevel')),
  servers: optional(
    listOf(dnsSubdomain(), { min: 1, uniqueBy: (node) => node, remedy: 'Name the nodes that run servers.' }),
  ),
  retiredServers: optional(listOf(dnsSubdomain(), { uniqueBy: (node) => node })),
  ...versionRules(false),
  previousVersion: optional(needsValue(anyK3sRelease())),
  allowUnsupportedVersion: optional(bool()),
  ...UPGRADE_RULES,
  pauseImage: optional(imageReference()),
  bootWhileDark: optional(bool()),
  nodeAddresses: optional(mapOf(() => [], ipAddress())),
  hostPorts: optional(listOf(integer({ min: 1, max: 65535 }), { uniqueBy: (port) => port })),
  ...NETWORK_RULES,
  apiPort: optional(integer({ min: 1024, max: 29996 })),
  tunnelProxyUrl: optional(proxyUrl()),
  tokenSecret: optional(dnsSubdomain()),
  credentialsInConfigMap: optional(bool()),
  imagePullSecrets: optional(listOf(dnsSubdomain(), { uniqueBy: (name) => name })),
  registryMirrors: optional(registryMirrors({})),
  registries: optional(registries()),
  systemDefaultRegistry: optional(registryHost()),
  disable: optional(listOf(enumOf(K3sComponent, 'K3sComponent'), { uniqueBy: (component) => component })),
  tlsSans: optional(listOf(firstOf(text({ maxLength: 253 }), subjectName()), { uniqueBy: (name) => name })),
  secretsEncryption: optional(bool()),
  serverOptions: optional(k3sServerOptions(API_NODE_PORT)),
  agentOptions: optional(k3sAgentOptions()),
  resources: optional(shape({ server: podResources(), agent: podResources(), cri: podResources() })),
  tolerations: optional(listOf(toleration())),
};

/** Rules that depend on whether minors are taken that are not supported. */
function versionRules(isAnyMinor: boolean): Readonly<Record<'version' | 'image' | 'prepull', Rule>> {
  return {
    version: optional(k3sVersion({ isAnyMinor })),
    image: optional(k3sImageReference({ isAnyMinor })),
    prepull: optional(prepull({ isAnyMinor })),
  };
}

/** Earlier names of props, and what they are called now. The last one is of the Pulumi component. */
const RENAMED = { addresses: 'nodeAddresses', unitName: 'name', timeoutSeconds: "timeout: '15m'" };

/**
 * Checks the props of a KinsCluster and fills in the defaults.
 *
 * @throws {@link EdgeConstructsError} with everything that is wrong
 */
export function checkKinsCluster(check: PropsCheck, scope: IConstruct, id: string, props: KinsClusterProps): KinsModel {
  const rules = {
    ...PROPS,
    ...versionRules(propOf(props, 'allowUnsupportedVersion') === true),
    registryMirrors: optional(registryMirrors(propOf(props, 'registries'))),
  };
  props = check.props(props, rules, RENAMED);

  const unit = unitOf(check, id, props);
  const nodes = nodesOf(check, props);
  if (SHARED_ID.test(id)) {
    const remedy = 'Choose another id; the unit can still be given this name with the prop name.';
    check.add('id', id, 'any other id: what all units share uses ids like this one in their chart', remedy);
  }
  const level = levelOf(check, props);
  checkStep(check, level, props);
  checkClaims(check, scope, unit, props);
  const servers = serversOf(check, props, nodes, level);
  checkRetiredServers(check, props, servers);
  const addresses = addressesOf(check, props, nodes, servers);
  const whole = withDefaults(DEFAULTS, props);
  const version = checkVersions(check, props, {
    defaultVersion: whole.version,
    hasCluster: level !== AutonomyLevel.L3,
  });
  checkNetworks(check, whole, (field) => props[field] !== undefined, addresses);
  checkRoom(check, whole.nodeCidr, nodes);
  checkPorts(check, whole.apiPort, whole.hostPorts);
  const resources = resourcesOf(check, props);
  check.level(ClusterLevel.CLOUD_CLUSTER);
  check.throwIfAny();

  const { serviceCidr, systemDefaultRegistry } = whole;
  return {
    unit,
    nodes,
    level: level ?? AutonomyLevel.L3,
    servers,
    retiredServers: whole.retiredServers,
    image: whole.image ?? derive('k3s image', whole.version, k3sImage),
    version,
    upgrades: {
      hold: whole.hold,
      timeZone: whole.timeZone,
      maintenanceWindows: whole.maintenanceWindows,
      soakSeconds: secondsOf(whole.upgradeSoak),
    },
    prepullImage: prepullImage(whole),
    pauseImage: whole.pauseImage ?? pauseImage(systemDefaultRegistry),
    bootWhileDark: whole.bootWhileDark,
    addresses,
    hostPorts: whole.hostPorts,
    clusterCidr: whole.clusterCidr,
    serviceCidr,
    nodeCidr: whole.nodeCidr,
    clusterDns: derive('tenth address', serviceCidr, tenthAddress),
    apiPort: whole.apiPort,
    tunnelProxyUrl: whole.tunnelProxyUrl,
    tokenSecret: whole.tokenSecret,
    credentialsInConfigMap: whole.credentialsInConfigMap,
    imagePullSecrets: whole.imagePullSecrets,
    registryMirrors: mirrorsOf(whole),
    registries: whole.registries,
    systemDefaultRegistry,
    disable: whole.disable,
    tlsSans: whole.tlsSans,
    secretsEncryption: whole.secretsEncryption,
    serverOptions: whole.serverOptions,
    agentOptions: whole.agentOptions,
    resources,
    tolerations: whole.tolerations,
  };
}

/** Reads a prop that rules of others depend on. The props were not checked yet, so they may be anything. */
function propOf(props: unknown, name: keyof KinsClusterProps): unknown {
  return isPlainObject(props) ? props[name] : undefined;
}

function prepullImage({ prepull: next }: KinsClusterProps): string | undefined {
  return next && (next.image ?? derive('k3s image', next.version, k3sImage));
}

function mirrorsOf({
  registryMirrors: given,
}: Required<Pick<KinsClusterProps, 'registryMirrors'>>): KinsModel['registryMirrors'] {
  return Object.fromEntries(Object.entries(given).map(([registry, mirror]) => [registry, wholeMirror(mirror)]));
}

/** Fills in the defaults. Also checks that no request exceeds its limit, because Kubernetes rejects such pods. */
function resourcesOf(check: PropsCheck, { resources }: KinsClusterProps): KinsModel['resources'] {
  const given = (part: 'server' | 'agent' | 'cri'): KinsPodResources | undefined =>
    check.hasShape(`resources.${part}`) ? resources?.[part] : undefined;
  const merged = {
    server: { ...DEFAULT_RESOURCES.server, ...given('server') },
    agent: { ...DEFAULT_RESOURCES.agent, ...given('agent') },
    cri: { ...DEFAULT_RESOURCES.cri, ...given('cri') },
  };
  for (const [part, own] of Object.entries<KinsPodResources>(merged)) {
    for (const [what, request, limit] of [
      ['cpu', own.cpuRequest, own.cpuLimit],
      ['memory', own.memoryRequest, own.memoryLimit],
    ] as const) {
      const [asked, most] = [parseQuantity(request), parseQuantity(limit)];
      if (asked === undefined || most === undefined || asked <= most) continue;
      check.add(
        `resources.${part}.${what}Limit`,
        limit,
        `at least the request, which is ${request}`,
        `Raise the limit, or lower ${what}Request.`,
      );
    }
  }
  return merged;
}

function tenthAddress(serviceCidr: string): string {
  const network = parseNetwork(serviceCidr);
  if (network === undefined) throw new Error(`${serviceCidr} was checked to be a network`);
  return addressAt(network, 10);
}

function pauseImage(registry: string | undefined): string {
  return registry === undefined ? PAUSE_IMAGE : PAUSE_IMAGE.replace('docker.io', registry);
}

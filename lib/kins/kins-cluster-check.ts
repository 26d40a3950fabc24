import type { IConstruct } from 'constructs';
import { claimedBy } from '../core/claims';
import { clusterAt, ClusterLevel, IF_OTHER_CLUSTER } from '../core/cluster-level';
import { registryHost } from '../core/hosts';
import { imageReference } from '../core/images';
import { instanceOf } from '../core/instance-of';
import { dns1035Label, dnsSubdomain } from '../core/names';
import {
  addressAt,
  cidr,
  ipAddress,
  networkContains,
  networksOverlap,
  parseAddress,
  parseNetwork,
} from '../core/networks';
import { derive } from '../core/placeholder';
import { PropsCheck } from '../core/props-check';
import { parseQuantity } from '../core/quantities';
import {
  bool,
  enumOf,
  firstOf,
  integer,
  isPlainObject,
  listOf,
  mapOf,
  optional,
  rule,
  shape,
  text,
  type Rule,
} from '../core/rules';
import { K3sComponent } from '../k3s/component';
import { k3sAgentOptions, k3sServerOptions } from '../k3s/options';
import { DEFAULT_K3S_VERSION, imageOfSoundRelease, k3sImage, k3sVersion } from '../k3s/version';
import { NODE_CLAIM, UNIT_NAME_CLAIM } from '../superedge/api';
import { AutonomyLevel } from '../superedge/autonomy-level';
import { handOverProblems } from '../superedge/hand-over';
import { NodeUnit } from '../superedge/node-unit';
import { API_NODE_PORT } from './config';
import type { KinsClusterProps, KinsPodResources } from './kins-cluster-props';
import { podResources, proxyUrl, subjectName, toleration } from './kins-rules';
import type { KinsModel } from './model';
import { checkPorts } from './ports-check';
import { registries, registryMirrors } from './registry-rules';
import { addressesOf, checkRetiredServers, serversOf } from './servers-check';
import { IMAGES_FOLDER, KINS_LIB_ROOT, LONGEST_UNIT_NAME, SHARED_ID } from './names';

const DEFAULTS = {
  clusterCidr: '10.214.0.0/16',
  serviceCidr: '10.215.0.0/16',
  apiPort: 26443,
  tunnelProxyUrl: 'http://tunnel-cloud.edge-system.svc.cluster.local:8080',
  pauseImage: 'docker.io/rancher/mirrored-pause:3.6',
} as const;

const DEFAULT_RESOURCES = {
  server: { cpuRequest: '250m', memoryRequest: '512Mi' },
  agent: { cpuRequest: '100m', memoryRequest: '256Mi' },
  cri: { cpuRequest: '50m', memoryRequest: '128Mi' },
} as const;

const PROPS: Readonly<Record<keyof KinsClusterProps, Rule>> = {
  unitName: optional(dns1035Label({ maxLength: LONGEST_UNIT_NAME })),
  nodes: optional(listOf(dnsSubdomain(), { min: 1, uniqueBy: (node) => node, remedy: 'Name the nodes of the unit.' })),
  nodeUnit: optional(instanceOf(NodeUnit, 'a NodeUnit', 'Give the construct itself, or nodes.')),
  autonomyLevel: optional(enumOf(AutonomyLevel, 'AutonomyLevel')),
  previousLevel: optional(enumOf(AutonomyLevel, 'AutonomyLevel')),
  servers: optional(
    listOf(dnsSubdomain(), { min: 1, uniqueBy: (node) => node, remedy: 'Name the nodes that run servers.' }),
  ),
  retiredServers: optional(listOf(dnsSubdomain(), { uniqueBy: (node) => node })),
  version: optional(k3sVersion()),
  image: optional(firstOf(imageReference(), imageOfSoundRelease())),
  pauseImage: optional(imageReference()),
  addresses: optional(mapOf(() => [], ipAddress())),
  hostPorts: optional(listOf(integer({ min: 1, max: 65535 }), { uniqueBy: (port) => port })),
  clusterCidr: optional(cidr({ minPrefix: 8, maxPrefix: 22 })),
  serviceCidr: optional(cidr({ minPrefix: 12, maxPrefix: 24 })),
  surroundingNetworks: optional(
    listOf(
      rule((value) => parseNetwork(value) !== undefined, 'a network in CIDR notation', 'Write it like 192.168.1.0/24.'),
    ),
  ),
  apiPort: optional(integer({ min: 1024, max: 29997 })),
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

/**
 * Checks the props of a KinsCluster and fills in the defaults.
 *
 * @throws {@link EdgeConstructsError} with everything that is wrong
 */
export function checkKinsCluster(scope: IConstruct, id: string, props: KinsClusterProps): KinsModel {
  const check = new PropsCheck(scope, id, 'KinsCluster');
  props = check.props(props, { ...PROPS, registryMirrors: optional(registryMirrors(registriesOf(props))) });
  check.throwIfAny();

  const { nodeUnit } = props;
  const unit = props.unitName ?? nodeUnit?.unitName ?? id;
  check.value(nodeUnit === undefined ? 'id' : 'nodeUnit', unit, dns1035Label({ maxLength: LONGEST_UNIT_NAME }));
  const nodes = nodesOf(check, props);
  checkUnitFolder(check, unit, props);
  if (SHARED_ID.test(id)) {
    const remedy = 'Choose another id; the unit may have this name by unitName.';
    check.add('id', id, 'any other id: what all units share has ids like this one in their chart', remedy);
  }
  const level = levelOf(check, props);
  checkStep(check, level, props);
  checkClaims(check, scope, unit, props);
  const servers = serversOf(check, props, nodes, level);
  checkRetiredServers(check, props, servers);
  const addresses = addressesOf(check, props, nodes, servers);
  checkNetworks(check, props, addresses);
  checkPorts(check, props.apiPort ?? DEFAULTS.apiPort, props.hostPorts ?? []);
  const resources = resourcesOf(check, props);
  check.throwIfAny();

  const serviceCidr = props.serviceCidr ?? DEFAULTS.serviceCidr;
  return {
    unit,
    nodes,
    level,
    servers,
    retiredServers: props.retiredServers ?? [],
    image: props.image ?? derive('k3s image', props.version ?? DEFAULT_K3S_VERSION, k3sImage),
    pauseImage: props.pauseImage ?? pauseImage(props.systemDefaultRegistry),
    addresses,
    hostPorts: props.hostPorts ?? [],
    clusterCidr: props.clusterCidr ?? DEFAULTS.clusterCidr,
    serviceCidr,
    clusterDns: derive('tenth address', serviceCidr, tenthAddress),
    apiPort: props.apiPort ?? DEFAULTS.apiPort,
    tunnelProxyUrl: props.tunnelProxyUrl ?? DEFAULTS.tunnelProxyUrl,
    tokenSecret: props.tokenSecret,
    credentialsInConfigMap: props.credentialsInConfigMap ?? false,
    imagePullSecrets: props.imagePullSecrets ?? [],
    registryMirrors: mirrorsOf(props),
    registries: props.registries ?? {},
    systemDefaultRegistry: props.systemDefaultRegistry,
    disable: props.disable ?? [],
    tlsSans: props.tlsSans ?? [],
    secretsEncryption: props.secretsEncryption ?? true,
    serverOptions: props.serverOptions ?? {},
    agentOptions: props.agentOptions ?? {},
    resources,
    tolerations: props.tolerations ?? [{}],
  };
}

/** Before anything is known of the props. */
function registriesOf(props: unknown): unknown {
  return isPlainObject(props) ? props['registries'] : undefined;
}

function mirrorsOf({ registryMirrors: given = {} }: KinsClusterProps): KinsModel['registryMirrors'] {
  const isList = (mirror: (typeof given)[string]): mirror is readonly string[] => Array.isArray(mirror);
  return Object.fromEntries(
    Object.entries(given).map(([registry, mirror]) => [registry, isList(mirror) ? { endpoints: mirror } : mirror]),
  );
}

function nodesOf(check: PropsCheck, { nodes, nodeUnit }: KinsClusterProps): readonly string[] {
  if (nodes !== undefined && nodeUnit !== undefined) {
    check.add('nodes', nodes, 'nothing when nodeUnit is given', 'Remove one of the two: the unit knows its nodes.');
  } else if (nodes === undefined && nodeUnit === undefined) {
    check.add('nodes', nodes, 'a list of node names, or nodeUnit instead', 'Name the nodes of the unit.');
  }
  return nodes ?? nodeUnit?.nodes ?? [];
}

function levelOf(check: PropsCheck, { autonomyLevel, nodeUnit }: KinsClusterProps): AutonomyLevel {
  if (autonomyLevel !== undefined && nodeUnit !== undefined) {
    check.add('autonomyLevel', autonomyLevel, 'nothing when nodeUnit is given', 'Set the level on the NodeUnit.');
  } else if (autonomyLevel === undefined && nodeUnit === undefined) {
    check.add('autonomyLevel', autonomyLevel, "'L3', 'L4' or 'L5'", 'Say how much the site shall do on its own.');
  }
  return autonomyLevel ?? nodeUnit?.autonomyLevel ?? AutonomyLevel.L3;
}

/** Two of the three servers would take the majority with them, and the data of the third might be the older. */
function checkStep(
  check: PropsCheck,
  level: AutonomyLevel,
  { previousLevel, autonomyLevel, nodeUnit }: KinsClusterProps,
): void {
  if (previousLevel !== AutonomyLevel.L5 || level !== AutonomyLevel.L4) return;
  check.add(
    autonomyLevel === undefined && nodeUnit !== undefined ? 'nodeUnit' : 'autonomyLevel',
    level,
    `${AutonomyLevel.L5} or ${AutonomyLevel.L3}, since the unit is at ${AutonomyLevel.L5}`,
    `Keep ${AutonomyLevel.L5}, or save what you need from the edge cluster, set it to ${AutonomyLevel.L3} and then to ` +
      `${AutonomyLevel.L4}.`,
  );
}

/** Units and archives of images lie side by side on a node. */
function checkUnitFolder(check: PropsCheck, unit: string, { unitName, nodeUnit }: KinsClusterProps): void {
  if (unit !== IMAGES_FOLDER) return;
  const field = unitName !== undefined ? 'unitName' : nodeUnit === undefined ? 'id' : 'nodeUnit';
  check.add(
    field,
    unit,
    `any other name: ${KINS_LIB_ROOT}/${IMAGES_FOLDER} on the nodes holds archives of images`,
    'Choose another name.',
  );
}

function checkClaims(
  check: PropsCheck,
  scope: IConstruct,
  unit: string,
  { nodes, nodeUnit, unitName }: KinsClusterProps,
): void {
  const cluster = clusterAt(scope, ClusterLevel.CLOUD_CLUSTER);
  if (nodeUnit !== undefined) {
    if (unitName !== undefined) {
      check.add('unitName', unitName, 'nothing when nodeUnit is given', 'The unit has its name already.');
    }
    check.addAll(handOverProblems(nodeUnit));
    const { name } = clusterAt(nodeUnit, ClusterLevel.CLOUD_CLUSTER);
    if (nodeUnit.node.root === scope.node.root && name !== cluster.name) {
      check.add(
        'nodeUnit',
        nodeUnit.node.path,
        `a unit of cluster '${cluster.name}', which the chart is for; this one is for cluster '${name}'`,
        'Declare both for one cluster.',
      );
    }
    return;
  }
  const owner = claimedBy(cluster, UNIT_NAME_CLAIM, unit);
  if (owner !== undefined) {
    check.add(
      'unitName',
      unit,
      `a name that no other unit of cluster '${cluster.name}' has; '${owner}' has it`,
      `Rename one of the two, give that NodeUnit as nodeUnit, ${IF_OTHER_CLUSTER}.`,
    );
  }
  nodes?.forEach((node, index) => {
    const holder = claimedBy(cluster, NODE_CLAIM, node);
    if (holder !== undefined) {
      check.add(
        `nodes[${index}]`,
        node,
        `a node of no other unit; '${holder}' has it`,
        `A node runs one unit: remove it from one of the two, ${IF_OTHER_CLUSTER}.`,
      );
    }
  });
}

function checkNetworks(check: PropsCheck, props: KinsClusterProps, addresses: ReadonlyMap<string, string>): void {
  const own = (['clusterCidr', 'serviceCidr'] as const).map((field) => ({
    field,
    text: props[field] ?? DEFAULTS[field],
    network: parseNetwork(props[field] ?? DEFAULTS[field]),
  }));
  const [pods, services] = own;
  if (pods?.network && services?.network && networksOverlap(pods.network, services.network)) {
    const field = props.serviceCidr === undefined ? 'clusterCidr' : 'serviceCidr';
    const other = field === 'serviceCidr' ? pods.text : services.text;
    check.add(
      field,
      field === 'serviceCidr' ? services.text : pods.text,
      `a network apart from ${other}`,
      'Choose networks that do not overlap.',
    );
  }
  for (const { field, text: given, network } of own) {
    if (network === undefined) continue;
    props.surroundingNetworks?.forEach((each, index) => {
      const other = parseNetwork(each);
      if (other !== undefined && networksOverlap(network, other)) {
        check.add(
          field,
          given,
          `a network apart from surroundingNetworks[${index}], ${each}`,
          `Choose another ${field}: the nodes could not reach ${each} any more.`,
        );
      }
    });
    for (const [node, address] of addresses) {
      const parsed = parseAddress(address);
      if (parsed !== undefined && networkContains(network, parsed)) {
        check.add(
          field,
          given,
          `a network without the address of ${node}, ${address}`,
          `Choose another ${field}: the server could not be reached any more.`,
        );
      }
    }
  }
}

/** The defaults with what was given. Kubernetes refuses a pod that asks for more than it may use. */
function resourcesOf(check: PropsCheck, { resources }: KinsClusterProps): KinsModel['resources'] {
  const merged = {
    server: { ...DEFAULT_RESOURCES.server, ...resources?.server },
    agent: { ...DEFAULT_RESOURCES.agent, ...resources?.agent },
    cri: { ...DEFAULT_RESOURCES.cri, ...resources?.cri },
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
  return registry === undefined ? DEFAULTS.pauseImage : DEFAULTS.pauseImage.replace('docker.io', registry);
}

// What all measurements render: per site one NodeUnit, three EdgeMachines and one KinsCluster at L5.
import cdk8s from 'cdk8s';
import edge from '../build/index.js';

const { Chart } = cdk8s;
const { AutonomyLevel, EdgeMachine, KinsCluster, NodeUnit, OperatingSystem } = edge;

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl ops';

/** Declared sites; `changed` gets another host port, as when somebody edits one line of a site file. */
export function declareSites(count, changed = -1) {
  return Array.from({ length: count }, (_, i) => {
    const name = `site-${String(i).padStart(5, '0')}`;
    return {
      name,
      autonomyLevel: AutonomyLevel.L5,
      nodes: ['a', 'b', 'c'].map((node, j) => ({ name: `${name}-${node}`, address: `192.168.1.1${j}` })),
      values: { hostPort: i === changed ? 8443 : 443 },
    };
  });
}

/** The charts of one site, below any construct. */
export function buildSite(scope, site) {
  const cloud = new Chart(scope, 'cloud');
  const nodes = site.nodes.map((node) => node.name);
  const nodeUnit = new NodeUnit(cloud, 'unit', { name: site.name, nodes, autonomyLevel: site.autonomyLevel });
  new KinsCluster(cloud, 'kins', {
    nodeUnit,
    nodeAddresses: Object.fromEntries(site.nodes.map(({ name, address }) => [name, address])),
    hostPorts: [site.values.hostPort],
  });
  const machines = new Chart(scope, 'machines');
  for (const node of nodes) {
    new EdgeMachine(machines, node, {
      operatingSystem: OperatingSystem.UBUNTU_22_04,
      kubeletVersion: '1.33.5',
      sshPublicKeys: [KEY],
    });
  }
  return [cloud, machines];
}

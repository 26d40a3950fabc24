/**
 * Many sites from one file: each gets an edge cluster of its own in the cloud cluster, and its machines in the KKP user
 * cluster, with address ranges that no other site has.
 *
 * A new site is some lines in fleet-sites.yaml. `cdk8s synth` then writes dist/sites/<site>/ for it, and a line in
 * fleet.lock.json that keeps its addresses; no other file changes. docs/fleet.md goes through it step by step.
 */
import { join } from 'node:path';
import { Chart } from 'cdk8s';
import {
  EdgeDatacenter,
  EdgeMachine,
  Fleet,
  FleetApp,
  KinsCluster,
  NodeUnit,
  OperatingSystem,
  Seed,
} from 'edge-constructs';

const OPERATORS = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl operators';

const app = new FleetApp();

const fleet = new Fleet(app, 'sites', {
  files: [join(__dirname, 'fleet-sites.yaml')],
  addressPlan: {
    lockFile: join(__dirname, 'fleet.lock.json'),
    pods: { network: '10.128.0.0/9', sitePrefix: 22 },
    services: { network: '100.64.0.0/12', sitePrefix: 24 },
    // The pods and Services of the cloud cluster.
    reserved: ['10.244.0.0/16', '10.96.0.0/12'],
  },
  build: (scope, site) => {
    const cloud = new Chart(scope, 'cloud');
    const unit = new NodeUnit(cloud, 'unit', {
      name: site.name,
      nodes: site.nodeNames,
      autonomyLevel: site.autonomyLevel,
    });
    new KinsCluster(cloud, 'cluster', {
      nodeUnit: unit,
      nodeAddresses: site.nodeAddresses,
      clusterCidr: site.podCidr,
      serviceCidr: site.serviceCidr,
      hostPorts: [443],
    });

    const machines = new Chart(scope, 'machines');
    for (const node of site.nodeNames) {
      new EdgeMachine(machines, node, {
        operatingSystem: OperatingSystem.UBUNTU_22_04,
        kubeletVersion: '1.33.5',
        sshPublicKeys: [OPERATORS],
        labels: site.labels,
      });
    }
  },
});

// What all sites add to one object is declared outside: a datacenter for each region, all in one Seed.
const master = new Chart(app, 'fleet-master');
const seed = new Seed(master, 'seed', { country: 'DE' });
for (const region of new Set(fleet.sites.map((site) => site.region ?? 'elsewhere'))) {
  new EdgeDatacenter(master, `fleet-${region}`, { seed, country: 'DE', location: region });
}

app.synth();

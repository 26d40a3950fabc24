/**
 * Two sites that go on without the cloud: a shop with one K3s server (L4), and a plant with three (L5) that offers HTTP
 * and HTTPS to its own network.
 */
import { App, Chart } from 'cdk8s';
import { AutonomyLevel, KinsCluster, NodeUnit } from 'edge-constructs';

const app = new App();

// The unit of SuperEdge's document. Its level is all that has to change for a K3s cluster of its own.
const shop = new Chart(app, 'kins-shop');
const unit = new NodeUnit(shop, 'test', {
  nodes: ['edge1', 'edge2', 'edge3'],
  autonomyLevel: AutonomyLevel.L4,
});
new KinsCluster(shop, 'test-cluster', { nodeUnit: unit });

const plant = new Chart(app, 'kins-plant');
new KinsCluster(plant, 'plant', {
  nodes: ['press', 'paint', 'pack', 'office'],
  autonomyLevel: AutonomyLevel.L5,
  servers: ['press', 'paint', 'pack'],
  // With the servers' addresses, nodes find them without the cloud's DNS.
  nodeAddresses: { press: '192.168.20.11', paint: '192.168.20.12', pack: '192.168.20.13' },
  hostPorts: [80, 443],
  surroundingNetworks: ['192.168.20.0/24', '10.42.0.0/16', '10.43.0.0/16'],
});

app.synth();

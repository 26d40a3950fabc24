/**
 * The nodes of one site as a SuperEdge NodeUnit, and a NodeGroup for several sites.
 *
 * Set `autonomyLevel` to L4 or L5 to let SuperEdge make a K3s cluster on the nodes; give the unit to a KinsCluster to get
 * one without SuperEdge.
 */
import { App, Chart } from 'cdk8s';
import { AutonomyLevel, NodeGroup, NodeUnit, NodeUnitType, writeKustomizations } from 'edge-constructs';

const app = new App();
const chart = new Chart(app, 'superedge-node-unit');

const unit = new NodeUnit(chart, 'test', {
  autonomyLevel: AutonomyLevel.L3,
  nodes: ['edge1', 'edge2', 'edge3'],
  type: NodeUnitType.EDGE,
  unschedulable: false,
});

new NodeGroup(chart, 'sites', { nodeUnits: [unit] });

app.synth();
// For GitOps: dist/superedge-node-unit/kustomization.yaml with one file per object, in the chart's order.
writeKustomizations(app);

/**
 * An edge site on Kubermatic KKP, from the datacenter to the nodes: three charts, because they go to three clusters.
 *
 * ```sh
 * kubectl --context kkp-master apply --server-side --field-manager=kubectl-edge-constructs --filename=dist/kkp-master.k8s.yaml
 * kubectl --context kkp-seed   apply --server-side --field-manager=kubectl-edge-constructs --filename=dist/kkp-seed.k8s.yaml
 * kubectl --context shop       apply --server-side --field-manager=kubectl-edge-constructs --filename=dist/kkp-user-cluster.k8s.yaml
 * ```
 * docs/kkp.md goes through it step by step.
 */
import { App, Chart } from 'cdk8s';
import { EdgeCluster, EdgeDatacenter, EdgeMachine, ExposeStrategy, OperatingSystem, Seed } from 'edge-constructs';

const app = new App();

// Activates the edge provider: adds one datacenter to the Seed that KKP was installed with, and touches nothing else.
const master = new Chart(app, 'kkp-master');
const seed = new Seed(master, 'seed', { country: 'US' });
const datacenter = new EdgeDatacenter(master, 'edge-eu-de', { seed, country: 'US', location: 'LA' });

// The control plane, which KKP runs in the seed cluster. Devices reach it through two ports.
const cluster = new EdgeCluster(new Chart(app, 'kkp-seed'), 'shop', {
  datacenter: datacenter.name,
  version: '1.33.5',
  humanReadableName: 'Shop',
  // The name of your Project object: kubectl --context kkp-master get projects
  projectId: 'x4b9zk2lq7',
  exposeStrategy: ExposeStrategy.TUNNELING,
});

// Each machine is one device and one node. KKP makes a provisioning script for it, to be run on the device as root.
const nodes = new Chart(app, 'kkp-user-cluster');
for (const name of ['edge1', 'edge2', 'edge3']) {
  new EdgeMachine(nodes, name, {
    cluster,
    operatingSystem: OperatingSystem.UBUNTU_22_04,
    kubeletVersion: cluster.version,
    // Replace this by the content of your own .pub file: nobody has the other half of this one.
    sshPublicKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHSmGRm7NCNbZzK1o3OBgZWWUo07/mcVJeLxA6UqfFPg replace-me'],
  });
}

app.synth();

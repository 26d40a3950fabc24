import { componentProviderHost } from '@pulumi/pulumi/provider/experimental';
import { EdgeCluster } from './edge-cluster';
import { EdgeDatacenter } from './edge-datacenter';
import { EdgeMachine } from './edge-machine';
import { KinsCluster } from './kins-cluster';
import { NodeGroup } from './node-group';
import { NodeUnit } from './node-unit';
import { Seed } from './seed';

void componentProviderHost({
  name: 'edge-constructs',
  components: [EdgeCluster, EdgeDatacenter, EdgeMachine, KinsCluster, NodeGroup, NodeUnit, Seed],
});

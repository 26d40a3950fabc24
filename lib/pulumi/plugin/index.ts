// Loaded so that components see the settings of a provider that a program in another language passes to them.
import '@pulumi/kubernetes';
import { componentProviderHost } from '@pulumi/pulumi/provider/experimental';
import { join } from 'node:path';
import { tellErrors } from '../told-error';
import { EdgeCluster } from './edge-cluster';
import { EdgeDatacenter } from './edge-datacenter';
import { EdgeMachine } from './edge-machine';
import { KinsCluster } from './kins-cluster';
import { NodeGroup } from './node-group';
import { NodeUnit } from './node-unit';
import { Seed } from './seed';

tellErrors();

void componentProviderHost({
  name: 'edge-constructs',
  // The schema is generated from the sources. The path is right from this file and from its compiled form, which are
  // equally deep.
  dirname: join(__dirname, '../../../lib/pulumi/plugin'),
  components: [EdgeCluster, EdgeDatacenter, EdgeMachine, KinsCluster, NodeGroup, NodeUnit, Seed],
});

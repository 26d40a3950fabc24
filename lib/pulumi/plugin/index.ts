// Makes Pulumi show components the settings of the provider that a program in another language gives them.
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
  // The schema is made of the sources; this file, compiled or not, is as deep below the package as they are.
  dirname: join(__dirname, '../../../lib/pulumi/plugin'),
  components: [EdgeCluster, EdgeDatacenter, EdgeMachine, KinsCluster, NodeGroup, NodeUnit, Seed],
});

/** Every example: what `cdk8s synth` runs in this repository. */
import './kkp-edge';
import './superedge-node-unit';
import './kins-cluster';
import './fleet';

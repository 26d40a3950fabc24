import { k8s } from 'cdk8s-plus-27';
import {
  agentConfig,
  cniConfig,
  containerdConfig,
  kubeletConfig,
  nodeKubeconfig,
  serverConfig,
  type Files,
} from './config-files';
import type { KinsModel } from './model';
import { kinsLabels, kinsName, KINS_NAMESPACE, type KinsPart } from './names';
import { flannelConfig, nodeAddressTable } from './node-network';
import { registryFiles } from './registries';
import { upgradesFile } from './upgrades-file';

/** A ConfigMap of a unit. Without files, it is filled in the cluster. */
export function kinsConfigMap(unit: string, part: KinsPart, files?: Files): unknown {
  return k8s.KubeConfigMap.manifest({
    metadata: { name: kinsName(unit, part), namespace: KINS_NAMESPACE, labels: kinsLabels(unit, part) },
    data: files,
  });
}

/** The configuration files that the pods of a unit read. */
export function configConfigMap(model: KinsModel): unknown {
  return kinsConfigMap(model.unit, 'config', {
    addresses: nodeAddressTable(model),
    'agent.yaml': agentConfig(model),
    'cni.conflist': cniConfig(model),
    'containerd.toml': containerdConfig(model),
    'flannel.json': flannelConfig(model),
    'kubelet.yaml': kubeletConfig(model),
    'server.yaml': serverConfig(model),
    upgrades: upgradesFile(model.upgrades),
    ...registryFiles(model),
  });
}

/**
 * The kubeconfig of the edge cluster, where SuperEdge puts it. With `credentialsInConfigMap`, a server fills it in, because
 * credentials must not be rendered.
 */
export function kubeconfigConfigMap(model: KinsModel): unknown {
  return kinsConfigMap(
    model.unit,
    'cm',
    model.credentialsInConfigMap ? undefined : { 'kubeconfig.conf': nodeKubeconfig(model) },
  );
}

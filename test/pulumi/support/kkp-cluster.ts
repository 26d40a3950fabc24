import type { LiveObject, ObjectKey } from '../../../lib/pulumi/cluster-objects';

export const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJnZXR0ZXIifQ.c2lnbmF0dXJl';
export const SCRIPT = `curl --header 'Authorization: Bearer ${TOKEN}' https://api.example.com:6443/api/v1/namespaces/cloud-init-settings/secrets/edge1-kube-system-bootstrap-config\n`;
export const CA = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
export const NAMES = {
  secretName: 'edge-provider-script-edge1-kube-system',
  namespace: 'cloud-init-settings',
  key: 'fetch-bootstrap-script',
  requiredSecrets: {
    bootstrapConfig: 'edge1-kube-system-bootstrap-config',
    provisioningConfig: 'edge1-kube-system-provisioning-config',
    kubeletBootstrapConfig: 'kube-system-edge1-kubelet-bootstrap-config',
    getterToken: 'cloud-init-getter-token',
  },
  kubectlCommand: '',
};
export const SECRETS: Record<string, Record<string, string>> = {
  [NAMES.secretName]: { 'fetch-bootstrap-script': SCRIPT },
  'edge1-kube-system-bootstrap-config': { 'cloud-config': '#cloud-config' },
  'edge1-kube-system-provisioning-config': { 'cloud-config': '#cloud-config' },
  'kube-system-edge1-kubelet-bootstrap-config': {
    kubeconfig: `clusters:\n- cluster:\n    certificate-authority-data: ${Buffer.from(CA).toString('base64')}\n`,
  },
  'cloud-init-getter-token': { token: TOKEN },
};

/** What the cluster has besides Secrets, and what was changed in it. */
export const cluster: { live: Record<string, LiveObject>; changes: string[] } = { live: {}, changes: [] };

/** Empties {@link cluster}. */
export function emptyCluster(): void {
  cluster.live = {};
  cluster.changes = [];
}

// The client of Kubernetes is an ES module, which jest does not load; the test API server proves the reader itself.

/** In the place of `lib/pulumi/cluster-reader`. */
export class ClusterReader {
  secret(_: string, name: string): Promise<Record<string, string>> {
    return Promise.resolve(SECRETS[name.replace('edge2', 'edge1')] ?? {});
  }
}

/** In the place of `lib/pulumi/cluster-objects`. */
export class ClusterObjects {
  get({ kind, name }: ObjectKey): Promise<LiveObject | undefined> {
    return Promise.resolve(cluster.live[`${kind}/${name}`]);
  }

  list(): Promise<LiveObject[]> {
    return Promise.resolve([]);
  }

  delete({ kind, name }: ObjectKey): Promise<void> {
    cluster.changes.push(`delete ${kind}/${name}`);
    return Promise.resolve();
  }

  change({ kind, name }: ObjectKey, change: (object: LiveObject) => object | undefined): Promise<void> {
    const object = cluster.live[`${kind}/${name}`];
    const patch = object === undefined ? undefined : change(object);
    if (patch !== undefined) cluster.changes.push(`${kind}/${name} ${JSON.stringify(patch)}`);
    return Promise.resolve();
  }
}

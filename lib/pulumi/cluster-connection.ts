import * as pulumi from '@pulumi/pulumi';
import type * as kubernetes from '@kubernetes/client-node' with { 'resolution-mode': 'import' };

type Library = typeof kubernetes;

/**
 * Connects to a cluster once its kubeconfig is known.
 *
 * @param field what the kubeconfig was given as; for the error, which never shows the kubeconfig itself
 * @param kubeconfig kept secret
 * @param clientsOf makes the clients
 * @returns the clients; rejects when the kubeconfig is none, for whoever asks: nobody may ask
 */
export function connection<Clients>(
  field: string,
  kubeconfig: pulumi.Input<string>,
  clientsOf: (config: kubernetes.KubeConfig, library: Library) => Clients,
): Promise<Clients> {
  const clients = new Promise<Clients>((resolve, reject) => {
    // Not returned: the promise resolves with clients, which no Output could carry.
    pulumi.secret(kubeconfig).apply((text) => {
      connect(field, text, clientsOf).then(resolve, reject);
    });
  });
  clients.catch(() => undefined);
  return clients;
}

/** What a request tells, or `undefined` when there is no such object. */
export async function orMissing<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === 404) return undefined;
    throw error;
  }
}

async function connect<Clients>(
  field: string,
  kubeconfig: unknown,
  clientsOf: (config: kubernetes.KubeConfig, library: Library) => Clients,
): Promise<Clients> {
  // Programs in YAML make an object of a text that is JSON.
  if (typeof kubeconfig !== 'string') throw new Error(`${field} is not a text: give it as YAML, not as JSON`);
  // Takes over half a second to load, and only programs that wait or provision devices need it.
  const library = await import('@kubernetes/client-node');
  const config = new library.KubeConfig();
  try {
    config.loadFromString(kubeconfig);
  } catch {
    // The parser's message could quote what it read.
    throw new Error(`${field} is not a kubeconfig: give the content of one, not a path`);
  }
  if (config.getCurrentCluster() === null) {
    throw new Error(`${field} names no cluster: its current-context has to be one of its contexts`);
  }
  return clientsOf(config, library);
}

import type * as kubernetes from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { LONGEST_ANSWER_MS, within } from './answers';
import { ToldError } from './told-error';

type Library = typeof kubernetes;

/** Makes an API client of the given class. */
export type MakeClient = <Client>(kind: new (configuration: kubernetes.Configuration) => Client) => Client;

/**
 * Connects to a cluster. An error in the kubeconfig is reported only when the connection is used, because it may never be.
 *
 * @param field the argument that the kubeconfig was given as, for errors, which never show the kubeconfig itself
 * @param clientsOf makes the clients
 */
export function connection<Clients>(
  field: string,
  kubeconfig: string,
  clientsOf: (make: MakeClient, library: Library) => Clients,
): Promise<Clients> {
  const clients = connect(field, kubeconfig, clientsOf);
  clients.catch(() => undefined);
  return clients;
}

/** The result of a request, or `undefined` if there is no such object. All requests go through this or {@link told}. */
export async function orMissing<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await told(request);
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === 404) return undefined;
    throw error;
  }
}

/** The result of a request, with a time limit, which also covers a program that the kubeconfig names to get a token. */
export function told<T>(request: Promise<T>): Promise<T> {
  return within(LONGEST_ANSWER_MS, request);
}

async function connect<Clients>(
  field: string,
  kubeconfig: unknown,
  clientsOf: (make: MakeClient, library: Library) => Clients,
): Promise<Clients> {
  // In YAML programs, Pulumi turns a text that is JSON into an object.
  if (typeof kubeconfig !== 'string') throw new ToldError(`${field} is not a string: give it as YAML, not as JSON`);
  // Loaded only when needed, because it takes more than half a second.
  const library = await import('@kubernetes/client-node');
  const config = new library.KubeConfig();
  try {
    config.loadFromString(kubeconfig);
  } catch {
    // The parser's message could quote the kubeconfig.
    throw new ToldError(`${field} is not a kubeconfig: give the content of one, not a path`);
  }
  const cluster = config.getCurrentCluster();
  if (cluster === null) {
    throw new ToldError(`${field} names no cluster: its current-context has to be one of its contexts`);
  }
  const configuration = library.createConfiguration({
    baseServer: new library.ServerConfiguration(cluster.server, {}),
    authMethods: { default: config },
    promiseMiddleware: [
      {
        // Also closes the connection, which would otherwise keep the program from ending. Later than the other limit, whose
        // error is more helpful.
        pre: (context) => {
          context.setSignal(AbortSignal.timeout(LONGEST_ANSWER_MS + 1000));
          return Promise.resolve(context);
        },
        post: (response) => Promise.resolve(response),
      },
    ],
  });
  return clientsOf((Kind) => new Kind(configuration), library);
}

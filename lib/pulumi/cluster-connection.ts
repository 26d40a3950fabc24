import type * as kubernetes from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { LONGEST_ANSWER_MS, within } from './answers';
import { ToldError } from './told-error';

type Library = typeof kubernetes;

/** Makes a client of a class of the library. */
export type MakeClient = <Client>(kind: new (configuration: kubernetes.Configuration) => Client) => Client;

/**
 * Connects to a cluster. It may never be used, so what is wrong with the kubeconfig is reported to whoever uses it.
 *
 * @param field what the kubeconfig was given as; for the error, which never shows the kubeconfig itself
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

/** What a request returns, or `undefined` when there is no such object. Every request is made by this or {@link told}. */
export async function orMissing<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await told(request);
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === 404) return undefined;
    throw error;
  }
}

/** What a request returns, if it does so in time. A program that the kubeconfig names to get a token may hang, too. */
export function told<T>(request: Promise<T>): Promise<T> {
  return within(LONGEST_ANSWER_MS, request);
}

async function connect<Clients>(
  field: string,
  kubeconfig: unknown,
  clientsOf: (make: MakeClient, library: Library) => Clients,
): Promise<Clients> {
  // Programs in YAML make an object of a text that is JSON.
  if (typeof kubeconfig !== 'string') throw new ToldError(`${field} is not a string: give it as YAML, not as JSON`);
  // Takes over half a second to load, and only programs that wait or provision devices need it.
  const library = await import('@kubernetes/client-node');
  const config = new library.KubeConfig();
  try {
    config.loadFromString(kubeconfig);
  } catch {
    // The parser's message could quote what it read.
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
        // Ends the connection too, which would keep the program from ending otherwise; later, because it tells less.
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

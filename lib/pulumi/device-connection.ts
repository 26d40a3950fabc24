import type * as pulumi from '@pulumi/pulumi';
import { bool, integer, optional, problem, rule } from '../core/rules';
import type { Rule } from '../core/rule';
import type { Problem } from '../core/problem';
import { notAnObject, onlyKnown } from './arguments';

/** How a host is reached by SSH. */
export interface SshEndpoint {
  /** Address or name. */
  readonly host: pulumi.Input<string>;

  /** @default 22 */
  readonly port?: number;

  /** User. One other than root must be allowed to run `sudo -n sh` on a device. @default 'root' */
  readonly user?: pulumi.Input<string>;

  /** Private key in PEM. @default - the keys of the SSH agent */
  readonly privateKey?: pulumi.Input<string>;

  /** Password of the private key. @default - the key is not encrypted */
  readonly privateKeyPassword?: pulumi.Input<string>;

  /** Socket of an SSH agent. @default - that in SSH_AUTH_SOCK */
  readonly agentSocketPath?: pulumi.Input<string>;

  /**
   * Public key of the host, as one line of `/etc/ssh/ssh_host_*_key.pub`. It is always verified.
   * @default - required, unless `insecurelyAcceptAnyHostKey` is true
   */
  readonly hostKey?: pulumi.Input<string>;

  /**
   * Connects to any host that answers at the address, and sends it the token that can read the scripts of all machines.
   * @default false
   */
  readonly insecurelyAcceptAnyHostKey?: boolean;
}

/** How a device is reached by SSH. */
export interface DeviceConnection extends SshEndpoint {
  /** A host that the connection goes through. @default - none */
  readonly bastion?: SshEndpoint;
}

const given: Rule = rule((value) => value !== undefined && value !== '', 'a text', 'Give one.');
const secret: Rule = optional(rule((value) => value !== '', 'a non-empty string', 'Leave it out.'));

const ENDPOINT_FIELDS: Readonly<Record<keyof SshEndpoint, Rule>> = {
  host: given,
  port: optional(integer({ min: 1, max: 65535 })),
  user: secret,
  privateKey: secret,
  privateKeyPassword: secret,
  agentSocketPath: secret,
  hostKey: secret,
  insecurelyAcceptAnyHostKey: optional(bool()),
};

/** Problems of a connection. Values that may be secret are never shown. */
export function connectionProblems(connection: unknown): readonly Problem[] {
  const problems = notAnObject(connection, 'connection', 'host, hostKey and how to log in');
  if (problems.length > 0) return problems;
  const { bastion, ...device } = connection as DeviceConnection;
  return [
    ...endpointProblems('connection', device),
    ...(bastion === undefined ? [] : endpointProblems('connection.bastion', bastion)),
  ];
}

function endpointProblems(field: string, endpoint: SshEndpoint): readonly Problem[] {
  const notOne = notAnObject(endpoint, field, 'host, hostKey and how to log in');
  if (notOne.length > 0) return notOne;
  const known = Object.keys(ENDPOINT_FIELDS);
  const values = endpoint as unknown as Readonly<Record<string, unknown>>;
  const problems = [
    ...known.flatMap((key) => ENDPOINT_FIELDS[key as keyof SshEndpoint](values[key], `${field}.${key}`)),
    ...onlyKnown(endpoint, known, { prefix: `${field}.` }),
  ];
  if (endpoint.hostKey === undefined && endpoint.insecurelyAcceptAnyHostKey !== true) {
    const remedy = "Give the line of the host's /etc/ssh/ssh_host_ed25519_key.pub, read on the host itself.";
    problems.push(problem(`${field}.hostKey`, undefined, 'the public key of the host', remedy));
  }
  return problems;
}

// In a file of its own, because its types need @pulumi/command, which only users who provision devices install.
import type { types } from '@pulumi/command';
import * as pulumi from '@pulumi/pulumi';
import type { DeviceConnection, SshEndpoint } from './device-connection';

/**
 * The connection for the command provider. Known fields only, because the provider prints a connection with an unknown
 * field as a whole.
 */
export function connectionArgs(connection: DeviceConnection): types.input.remote.ConnectionArgs {
  return {
    ...endpointArgs(connection),
    ...(connection.bastion === undefined ? {} : { proxy: endpointArgs(connection.bastion) }),
  };
}

function endpointArgs(endpoint: SshEndpoint): types.input.remote.ProxyConnectionArgs {
  const { host, port, user, privateKey, privateKeyPassword, agentSocketPath, hostKey } = endpoint;
  const hidden = (value?: pulumi.Input<string>): pulumi.Output<string> | undefined =>
    value === undefined ? undefined : pulumi.secret(value);
  return {
    host,
    port: port ?? 22,
    user: user ?? 'root',
    privateKey: hidden(privateKey),
    privateKeyPassword: hidden(privateKeyPassword),
    agentSocketPath,
    hostKey,
    // Few attempts, because they do not fix a wrong host key or a rejected login.
    dialErrorLimit: 4,
  };
}

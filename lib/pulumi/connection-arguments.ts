// Apart from what users see: its types need @pulumi/command, which only those have who provision devices.
import type { types } from '@pulumi/command';
import * as pulumi from '@pulumi/pulumi';
import type { DeviceConnection, SshEndpoint } from './device-connection';

/** The connection as the command provider takes it: known fields only, because it prints all of one with an unknown one. */
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
    // Trying again does not fix a wrong host key or a refused login.
    dialErrorLimit: 4,
  };
}

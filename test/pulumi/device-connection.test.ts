import type * as pulumi from '@pulumi/pulumi';
import { connectionArgs } from '../../lib/pulumi/connection-arguments';
import { connectionProblems, type DeviceConnection } from '../../lib/pulumi/device-connection';
import { settled } from './mocks';

const KEY = 'ssh-ed25519 AAAA';

/** What the command provider gets, with what is secret marked by a question mark. */
async function given(connection: DeviceConnection): Promise<unknown> {
  const marked = async (value: unknown): Promise<unknown> => {
    if (value === undefined || typeof value !== 'object') return value;
    const { value: known, isSecret } = await settled(value as pulumi.Output<unknown>);
    return isSecret ? `${String(known)}?` : known;
  };
  const { proxy, ...device } = connectionArgs(connection) as unknown as Readonly<Record<string, unknown>>;
  const all = async (fields: object): Promise<unknown> =>
    Object.fromEntries(await Promise.all(Object.entries(fields).map(async ([key, each]) => [key, await marked(each)])));
  return proxy === undefined ? all(device) : { ...((await all(device)) as object), proxy: await all(proxy as object) };
}

test('a connection goes through its bastion, each with its own user, port and keys, and keys are secret', async () => {
  expect(
    await given({
      host: '10.0.0.7',
      privateKey: 'key',
      privateKeyPassword: 'password',
      hostKey: KEY,
      bastion: { host: 'jump.example.com', port: 2222, user: 'me', agentSocketPath: '/agent', hostKey: 'another' },
    }),
  ).toMatchObject({
    host: '10.0.0.7',
    port: 22,
    user: 'root',
    privateKey: 'key?',
    privateKeyPassword: 'password?',
    hostKey: KEY,
    proxy: { host: 'jump.example.com', port: 2222, user: 'me', agentSocketPath: '/agent', hostKey: 'another' },
  });
});

test('without a bastion there is none', async () => {
  expect(await given({ host: '10.0.0.7', hostKey: KEY })).not.toHaveProperty('proxy');
});

test.each<[string, DeviceConnection, string[]]>([
  ['all that is needed', { host: 'a', hostKey: KEY }, []],
  ['any host key, by its own will', { host: 'a', insecurelyAcceptAnyHostKey: true }, []],
  ['any host key, but not', { host: 'a', insecurelyAcceptAnyHostKey: false }, ['connection.hostKey']],
  ['no host', { host: '', hostKey: KEY }, ['connection.host']],
  ['no host at all', { hostKey: KEY } as DeviceConnection, ['connection.host']],
  ['empty texts', { host: 'a', user: '', privateKey: '', hostKey: KEY }, ['connection.user', 'connection.privateKey']],
  ['a port that is none', { host: 'a', port: 65536, hostKey: KEY }, ['connection.port']],
  [
    'a bastion without anything',
    { host: 'a', hostKey: KEY, bastion: { host: '' } },
    ['connection.bastion.host', 'connection.bastion.hostKey'],
  ],
])('%s: which fields are refused', (_, connection, fields) => {
  expect(connectionProblems(connection).map(({ field }) => field)).toEqual(fields);
});

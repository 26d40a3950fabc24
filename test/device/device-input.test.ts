import { deviceInput } from '../../lib';
import { devices } from './support/devices';
import { CA, kkpScript, NAME, type FakeDevice, type Outcome } from './support/fake-device';

jest.setTimeout(60_000);
const newDevice = devices();

/** Gives the one text for both directions to a shell that is told one, as a tool that keeps the text does. */
function run(device: FakeDevice, direction: string): Promise<Outcome> {
  const props = { name: NAME, lockTimeout: '20s', readyTimeout: '1s' };
  const secrets = { script: kkpScript(device.root), ca: CA };
  return device.run(deviceInput(props, secrets), { within: ['sh', '-c', `exec "$@" -s ${direction}`, 'sh'] });
}

test('one text makes a device a node and takes the node off it, as the shell is told', async () => {
  const device = newDevice();
  const before = device.state();
  expect(await run(device, 'provision')).toMatchObject({
    code: 0,
    output: expect.stringContaining('is Ready') as string,
  });
  expect(await run(device, 'decommission')).toMatchObject({
    code: 0,
    output: expect.stringContaining('nothing of machine edge1 is left') as string,
  });
  const { '/world/node': node, ...after } = device.state();
  expect([typeof node, after]).toEqual(['string', before]);
});

test.each(['', 'provisioning'])(
  'told %j, the text does nothing and says that it was not understood',
  async (direction) => {
    const device = newDevice();
    const before = device.state();
    expect(await run(device, direction)).toMatchObject({ code: 64 });
    expect([device.state(), device.calls()]).toEqual([before, '']);
  },
);

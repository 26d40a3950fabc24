import { FakeDevice } from './fake-device';

/** Devices of a test file; each is removed when the test that made it ends. */
export function devices(): (model?: FakeDevice) => FakeDevice {
  const made: FakeDevice[] = [];
  afterEach(() => {
    for (const device of made.splice(0)) device.destroy();
  });
  return (model) => {
    const device = new FakeDevice(model);
    made.push(device);
    return device;
  };
}

/** Copies of one device that has been provisioned, for tests of what comes then. */
export function provisionedDevices(): () => FakeDevice {
  const newDevice = devices();
  let model: FakeDevice;
  beforeAll(async () => {
    model = new FakeDevice();
    expect(await model.provision()).toMatchObject({ code: 0 });
    model.calls();
  });
  afterAll(() => {
    model.destroy();
  });
  return () => newDevice(model);
}

import { FakeDevice } from './fake-device';

/** Devices of a test file; each is removed when the test that made it ends. */
export function devices(): () => FakeDevice {
  const made: FakeDevice[] = [];
  afterEach(() => {
    for (const device of made.splice(0)) device.destroy();
  });
  return () => {
    const device = new FakeDevice();
    made.push(device);
    return device;
  };
}

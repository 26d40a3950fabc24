import { availableParallelism } from 'node:os';
import { makeDevices, provisionAll } from './support/many';
import { describeWithSsh } from './support/prerequisites';
import { Site } from './support/site';

jest.setTimeout(1_800_000);

/** On one computer, as many as it has the processors for; what is claimed is 200, on one that has nothing else to do. */
const COUNT = Number(process.env.EDGE_DEVICES ?? 25 * availableParallelism());

describeWithSsh('many devices', () => {
  test(`${COUNT} devices at once: none fails, each takes one connection`, async () => {
    const site = await Site.start();
    try {
      const devices = await makeDevices(site, 'many', COUNT);
      const { failures, connections, seconds, peakMebibytes } = await provisionAll(site, devices);
      process.stderr.write(
        `e2e/device: ${COUNT} devices in ${seconds.toFixed(0)} s, ${connections} connections, ${peakMebibytes.toFixed(0)} MiB\n`,
      );
      expect(failures).toEqual([]);
      expect(connections).toBe(COUNT);
      const names = site.joined.map((line) => line.split(' ')[0]).filter((name) => name !== '');
      expect(names.sort()).toEqual(devices.map(({ name }) => name).sort());
    } finally {
      await site.stop();
    }
  });
});

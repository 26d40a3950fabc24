import fc from 'fast-check';
import { App, Chart } from 'cdk8s';
import {
  EdgeCluster,
  EdgeConstructsError,
  EdgeDatacenter,
  EdgeMachine,
  OperatingSystem,
  Seed,
  type EdgeMachineProps,
} from '../../lib';
import * as keys from './ssh-keys';
import { runs } from '../support/sample';

const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/);
const map = fc.dictionary(label, label, { maxKeys: 5 });
const key = fc.constantFrom(
  keys.ED25519,
  keys.ED25519_SECOND,
  keys.ECDSA_256,
  keys.ECDSA_384,
  keys.ECDSA_521,
  keys.RSA_2048,
);

const machineProps: fc.Arbitrary<EdgeMachineProps> = fc.record(
  {
    operatingSystem: fc.constantFrom(...Object.values(OperatingSystem)),
    kubeletVersion: fc
      .tuple(fc.integer({ min: 28, max: 34 }), fc.nat(20))
      .map(([minor, patch]) => `1.${minor}.${patch}`),
    sshPublicKeys: fc.uniqueArray(key, { minLength: 1 }),
    distUpgradeOnBoot: fc.boolean(),
    labels: map,
    kubelet: fc.record(
      { maxPods: fc.integer({ min: 1, max: 500 }), kubeReserved: fc.constant({ memory: '50Mi', cpu: '0.1' }) },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ['operatingSystem', 'kubeletVersion', 'sshPublicKeys'] },
);

const newChart = (): Chart => new Chart(new App(), 'chart');

/** The same object written in another order: what a map means does not depend on it. */
function reversed<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, each]) => [name, reversed(each)]),
  ) as T;
}

function machineText(name: string, props: EdgeMachineProps): string {
  const chart = newChart();
  new EdgeMachine(chart, name, props);
  return JSON.stringify(chart.toJson());
}

test('the same machine is the same bytes, in whatever order its props are written', () => {
  fc.assert(
    fc.property(label, machineProps, (name, props) => {
      expect(machineText(name, reversed(props))).toBe(machineText(name, props));
    }),
  );
});

test('datacenters are the same bytes in whatever order they are declared', () => {
  fc.assert(
    fc.property(fc.uniqueArray(label, { minLength: 1, maxLength: 8 }), (names) => {
      const [one, other] = [names, [...names].reverse()].map((order) => {
        const chart = newChart();
        const seed = new Seed(chart, 'seed');
        for (const name of order)
          new EdgeDatacenter(chart, name, { seed, node: { registryMirrors: { 'docker.io': [`${name}.local`] } } });
        return JSON.stringify(chart.toJson());
      });
      expect(other).toBe(one);
    }),
  );
});

test('a machine name is taken exactly when it is a host name that KKP can derive its Secrets from', () => {
  fc.assert(
    fc.property(fc.oneof(label, fc.string({ maxLength: 60 }), fc.stringMatching(/^[a-z-]{45,55}$/)), (name) => {
      const isHostName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name) && `kube-system-${name}`.length < 63;
      const declare = () =>
        new EdgeMachine(newChart(), 'machine', {
          name,
          operatingSystem: OperatingSystem.UBUNTU_22_04,
          kubeletVersion: '1.33.4',
          sshPublicKeys: [keys.ED25519],
        });
      if (isHostName) expect(declare().provisioningScript.secretName).toBe(`edge-provider-script-${name}-kube-system`);
      else expect(declare).toThrow(EdgeConstructsError);
    }),
  );
});

test('a kubelet fits its cluster exactly when it is not newer and at most three minor versions older', () => {
  const minor = fc.integer({ min: 31, max: 36 });
  fc.assert(
    fc.property(minor, fc.integer({ min: 28, max: 36 }), (server, kubelet) => {
      const app = new App();
      const cluster = new EdgeCluster(new Chart(app, 'kkp-seed'), 'shop', {
        datacenter: 'd',
        version: `1.${server}.1`,
      });
      const declare = () =>
        new EdgeMachine(new Chart(app, 'kkp-user-cluster'), 'edge1', {
          cluster,
          operatingSystem: OperatingSystem.UBUNTU_22_04,
          kubeletVersion: `1.${kubelet}.2`,
          sshPublicKeys: [keys.ED25519],
        });
      if (kubelet <= server && kubelet >= server - 3) expect(declare).not.toThrow();
      else expect(declare).toThrow(EdgeConstructsError);
    }),
  );
});

test('networks for pods and services are taken exactly when they are apart', () => {
  const block = fc.tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 12, max: 23 })).map(([second, prefix]) => {
    const mask = (0xffffffff << (32 - prefix)) >>> 0;
    const address = (((10 << 24) | (second << 16)) & mask) >>> 0;
    return { first: address, last: (address | (~mask >>> 0)) >>> 0, prefix };
  });
  const text = ({ first, prefix }: { first: number; prefix: number }) =>
    `${[24, 16, 8, 0].map((shift) => (first >>> shift) & 255).join('.')}/${prefix}`;
  fc.assert(
    fc.property(block, block, (pods, services) => {
      const overlap = pods.first <= services.last && services.first <= pods.last;
      const declare = () =>
        new EdgeCluster(newChart(), 'shop', {
          datacenter: 'd',
          version: '1.33.4',
          clusterNetwork: { pods: [text(pods)], services: [text(services)] },
        });
      if (overlap) expect(declare).toThrow('a network that does not overlap');
      else expect(declare).not.toThrow();
    }),
  );
});

test('whatever the props are, a construct is made or one EdgeConstructsError is thrown', () => {
  const anything = fc.oneof(
    fc.anything(),
    fc.dictionary(
      fc.constantFrom(
        'name',
        'seed',
        'node',
        'country',
        'version',
        'datacenter',
        'labels',
        'kubelet',
        'cluster',
        'clusterNetwork',
        'cniPlugin',
        'sshPublicKeys',
        'kubeconfig',
      ),
      fc.anything(),
    ),
  );
  fc.assert(
    fc.property(anything, fc.constantFrom(Seed, EdgeDatacenter, EdgeCluster, EdgeMachine), (props, Any) => {
      try {
        new Any(newChart(), 'x', props as never);
      } catch (error) {
        expect(error).toBeInstanceOf(EdgeConstructsError);
      }
    }),
    { numRuns: runs(500) },
  );
});

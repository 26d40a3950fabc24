import { App, Chart } from 'cdk8s';
import {
  EdgeMachine,
  NodeUnit,
  OperatingSystem,
  ServingCertificateApprover,
  type EdgeMachineProps,
  type ServingCertificateApproverProps,
} from '../../lib';
import { ED25519 } from '../kkp/ssh-keys';
import { find, render } from '../support/render';

const machineProps = {
  operatingSystem: OperatingSystem.UBUNTU_22_04,
  kubeletVersion: '1.33.4',
  sshPublicKeys: [ED25519],
};
const labelsOf = (props: Partial<EdgeMachineProps>): unknown =>
  render((chart) => {
    new EdgeMachine(chart, 'edge1', { ...machineProps, ...props });
  })[0]?.metadata.labels;

test('what a machine says about serving certificates are labels, which may change at any time', () => {
  expect(labelsOf({})).toEqual({ 'edge-constructs.io/operating-system-version': '22.04' });
  expect(labelsOf({ addresses: ['192.0.2.7', 'fd00::7'], approveServingCertificates: false })).toEqual({
    'edge-constructs.io/operating-system-version': '22.04',
    'edge-constructs.io/addresses': '192.0.2.7_fd00-0-0-0-0-0-0-7',
    'edge-constructs.io/serving-certificates': 'manual',
  });
});

test.each([
  [
    'two addresses of one family',
    { addresses: ['192.0.2.7', '192.0.2.8'] },
    "addresses[1]: given '192.0.2.8'; allowed: each item only once; it is already at addresses[0]. Remove one of the two.",
  ],
  [
    'a name in place of an address',
    { addresses: ['edge1.example.com'] },
    "addresses[0]: given 'edge1.example.com'; allowed: an IP address that other hosts can reach. Write it like 192.168.1.10.",
  ],
  [
    'a label that is made from a prop',
    { labels: { 'edge-constructs.io/serving-certificates': 'manual' } },
    "labels.edge-constructs.io/serving-certificates: given 'manual'; allowed: any label except this one. It is derived from approveServingCertificates.",
  ],
])('%s is refused', (_, props, line) => {
  expect(() => labelsOf(props)).toThrow(`EdgeMachine 'chart/edge1' has 1 problem:\n  - ${line}`);
});

const approver = (props: ServingCertificateApproverProps = {}): ReturnType<typeof render> =>
  render((chart) => {
    new ServingCertificateApprover(chart, 'approver', props);
  });

test('the approver runs without any right on its node, and says so to all policies', () => {
  const { spec } = find(approver({ interval: '10m', image: 'registry.example.com/k3s:v1' }), 'CronJob', 'approver') as unknown as {
    spec: { schedule: string; jobTemplate: { spec: { template: { spec: { containers: object[] } } } } };
  }; // prettier-ignore
  expect(spec.schedule).toBe('*/10 * * * *');
  expect(spec.jobTemplate.spec.template.spec).toMatchObject({
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        image: 'registry.example.com/k3s:v1',
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
      },
    ],
  });
});

test('the approver looks every five minutes, with the image of the default K3s, under the name of its construct', () => {
  const objects = render((chart) => {
    new ServingCertificateApprover(chart, 'plain');
    new ServingCertificateApprover(chart, 'other', { name: 'named' });
  });
  const { spec } = find(objects, 'CronJob', 'plain');
  expect(spec).toMatchObject({
    schedule: '*/5 * * * *',
    jobTemplate: { spec: { template: { spec: { containers: [{ image: 'docker.io/rancher/k3s:v1.35.1-k3s1' }] } } } },
  });
  expect(find(objects, 'CronJob', 'named').metadata.name).toBe('named');
});

test.each([
  [
    'an interval that cron cannot say',
    { interval: '45m' },
    "interval: given '45m'; allowed: a duration from 1m to 30m in steps of 1m. Write it as Kubernetes does, like 1m or 10m.",
  ],
  [
    'an image with spaces',
    { image: 'a b' },
    "image: given 'a b'; allowed: an image reference: host/path:tag or host/path@sha256:digest. Write it like registry.example.com/rancher/k3s:v1.35.1-k3s1.",
  ],
])('%s is refused', (_, props, line) => {
  expect(() => approver(props)).toThrow(`ServingCertificateApprover 'chart/approver' has 1 problem:\n  - ${line}`);
});

test('a chart for another cluster refuses it, and so does one that has it already', () => {
  const cloud = new Chart(new App(), 'cloud');
  new NodeUnit(cloud, 'site', { nodes: ['edge1'] });
  expect(() => new ServingCertificateApprover(cloud, 'approver')).toThrow('a chart for the kkp-user-cluster');
  const chart = new Chart(new App(), 'chart');
  new ServingCertificateApprover(chart, 'approver');
  expect(() => new ServingCertificateApprover(chart, 'other', { name: 'approver' })).toThrow(
    'One per cluster is enough.',
  );
});

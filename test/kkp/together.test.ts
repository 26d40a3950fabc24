import { App, Chart } from 'cdk8s';
import { EdgeCluster, EdgeDatacenter, EdgeMachine, Seed, ServingCertificateApprover } from '../../lib';
import { problemLines } from '../support/refusals';
import { ED25519 } from './ssh-keys';

let chart: Chart;
beforeEach(() => {
  chart = new Chart(new App(), 'chart');
});

/** The fields of all problems, in their order. */
const fieldsOf = (declare: () => unknown): string[] => problemLines(declare).map((line) => line.split(':')[0] ?? '');

/** A chart that is for another cluster than most. */
const master = (): Chart => {
  const other = new Chart(App.of(chart), 'master');
  new Seed(other, 'seed', { country: 'DE' });
  return other;
};

describe('one error has what is wrong by itself, together, with the name and with the chart', () => {
  test('of a Seed', () => {
    const props = { country: 'de', location: 'Hamburg', seedDnsOverwrite: 'h_h' };
    new EdgeCluster(chart, 'shop', { datacenter: 'plant7', version: '1.33.4' });
    expect(fieldsOf(() => new Seed(chart, 'seed', props))).toEqual([
      'country',
      'seedDnsOverwrite',
      'location',
      'seedDnsOverwrite',
      'scope',
    ]);
    master();
    expect(fieldsOf(() => new Seed(new Chart(App.of(chart), 'other'), 'seed', { country: 'de' }))).toEqual([
      'country',
      'name',
    ]);
  });

  test('of an EdgeDatacenter', () => {
    const seed = new Seed(chart, 'seed');
    new EdgeDatacenter(chart, 'plant7', { seed });
    const props = {
      seed,
      name: 'plant7',
      country: 'de',
      enforcedAuditWebhookSettings: { auditWebhookConfig: { name: 'a', namespace: 'b' } },
    };
    expect(fieldsOf(() => new EdgeDatacenter(chart, 'again', props))).toEqual([
      'country',
      'enforcedAuditWebhookSettings',
      'name',
    ]);
  });

  test('of an EdgeCluster', () => {
    new EdgeCluster(chart, 'shop', { datacenter: 'plant7', version: '1.33.4' });
    const props = {
      name: 'shop',
      datacenter: 'plant7',
      version: 'latest',
      apiServerAllowedIpRanges: ['192.0.2.0/24'],
      clusterNetwork: {
        pods: ['10.0.0.0/16', 'fd01::/48'],
        services: ['10.0.1.0/30', 'x'],
        ipFamily: 'IPv4',
        nodeCidrMaskSizeIpv6: 70,
        tunnelingAgentIp: '10.0.0.1',
      },
      cniPlugin: { type: 'canal', version: 'v3.99' },
    };
    expect(fieldsOf(() => new EdgeCluster(chart, 'again', props as never))).toEqual([
      'version',
      'clusterNetwork.services[1]',
      'apiServerAllowedIpRanges',
      'clusterNetwork.pods',
      'clusterNetwork.tunnelingAgentIp',
      'clusterNetwork.nodeCidrMaskSizeIpv6',
      'cniPlugin.version',
      'name',
    ]);
    expect(fieldsOf(() => new EdgeCluster(master(), 'again', props as never)).at(-1)).toBe('scope');
  });

  test('of an EdgeMachine', () => {
    const machine = { operatingSystem: 'ubuntu-20.04', kubeletVersion: '1.35.0', sshPublicKeys: [ED25519] };
    new EdgeMachine(chart, 'edge1', { ...machine, operatingSystem: 'ubuntu-22.04' } as never);
    const props = {
      ...machine,
      name: 'edge1',
      sshPublicKeys: ['x'],
      controlPlaneVersion: '1.34.0',
      kubelet: { maxPods: 0, imageGcHighThresholdPercent: 50, imageGcLowThresholdPercent: 60 },
    };
    expect(fieldsOf(() => new EdgeMachine(chart, 'again', props as never))).toEqual([
      'sshPublicKeys[0]',
      'kubelet.maxPods',
      'kubeletVersion',
      'kubeletVersion',
      'kubelet.imageGcLowThresholdPercent',
      'name',
    ]);
  });

  test('of a ServingCertificateApprover', () => {
    new ServingCertificateApprover(chart, 'approver');
    const declare = (): unknown => new ServingCertificateApprover(chart, 'x', { name: 'approver', interval: '0m' });
    expect(fieldsOf(declare)).toEqual(['interval', 'name']);
  });
});

test('what another prop is wrong for is not told twice', () => {
  const cluster = new EdgeCluster(new Chart(App.of(chart), 'seed'), 'shop', {
    datacenter: 'plant7',
    version: '1.33.4',
  });
  const machine = { operatingSystem: 'ubuntu-22.04', sshPublicKeys: [ED25519] };
  const props = { ...machine, ipFamily: 'IPv7', cluster, kubeletVersion: 'x' };
  expect(fieldsOf(() => new EdgeMachine(chart, 'edge1', props as never))).toEqual(['kubeletVersion', 'ipFamily']);
  const network = { pods: 'x', services: ['10.96.0.0/16'], nodeCidrMaskSizeIpv6: 70 };
  const shop = { datacenter: 'plant7', version: '1.33.4', clusterNetwork: network, exposeStrategy: 'x' };
  expect(fieldsOf(() => new EdgeCluster(new Chart(App.of(chart), 's'), 'shop', shop as never))).toEqual([
    'exposeStrategy',
    'clusterNetwork.pods',
  ]);
});

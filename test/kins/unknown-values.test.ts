import { App, Chart } from 'cdk8s';
import { AutonomyLevel, KinsCluster, type KinsClusterProps } from '../../lib';
import { PlaceholderSpace } from '../../lib/core/placeholders/placeholder';
import { ipv4Address } from '../../lib/kins/checks/kins-rules';

/** Stands for an Output of Pulumi, whose value comes with the update. */
const LATER = new PlaceholderSpace('abcdefghij', 'klmnop').text(0);
const declare = (props: Partial<KinsClusterProps>): KinsCluster =>
  new KinsCluster(new Chart(new App(), 'site'), 'test', {
    nodes: ['edge1'],
    autonomyLevel: AutonomyLevel.L4,
    ...props,
  });

test('the address of a server may be unknown yet: it is held against no network, and is in the certificate', () => {
  expect(declare({ nodeAddresses: { edge1: LATER }, clusterCidr: '10.0.0.0/16' }).subjectNames).toContain(LATER);
});

test('a network around the site may be unknown yet', () => {
  expect(() => declare({ surroundingNetworks: [LATER] })).not.toThrow();
});

test('that an address is one of IPv4 is said of IPv6 addresses, not of what is no address or is not known yet', () => {
  const told = (value: string): number => ipv4Address()(value, 'addresses.edge1').length;
  expect(['fd00::10', '192.0.2.1', 'edge1.example.com', LATER].map(told)).toEqual([1, 0, 0, 0]);
});

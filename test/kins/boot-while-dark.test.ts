import type { k8s } from 'cdk8s-plus-27';
import { AutonomyLevel } from '../../lib';
import { find } from '../support/render';
import { kinsObjects } from '../support/units';

const PARTS = ['cri', 'agent', 'server'] as const;

/** What pods of a unit are told of a start without the cloud. */
function told(bootWhileDark?: boolean): unknown {
  const objects = kinsObjects('test', AutonomyLevel.L4, { bootWhileDark });
  const pod = (part: string): k8s.PodSpec =>
    (find(objects, 'DaemonSet', `test-${part}-kins`).spec as k8s.DaemonSetSpec).template.spec!;
  const variables = (containers: readonly k8s.Container[] = [], name: string): string[] =>
    containers.flatMap(({ env = [] }) => env.flatMap((each) => (each.name === name ? [String(each.value)] : [])));
  return {
    init: pod('server').initContainers?.map(({ name }) => name),
    volumes: pod('server').volumes?.flatMap(({ name, hostPath }) => (hostPath === undefined ? [] : [name])),
    starts: PARTS.map((part) => variables(pod(part).containers, 'BOOT_WHILE_DARK')),
    checksSystemd: variables(pod('cri').initContainers, 'CHECKS').map((checks) => checks.split(' ').includes('boot')),
  };
}

test.each([undefined, true])('nodes start the unit by themselves unless they are told otherwise: %s', (given) => {
  expect(told(given)).toEqual({
    init: ['check', 'tokens', 'release'],
    volumes: ['data', 'releases', 'standby'],
    starts: PARTS.map(() => ['yes']),
    checksSystemd: [true],
  });
});

test('where they are not to, pods keep only what they go back to themselves, and do not look whether it could', () => {
  expect(told(false)).toEqual({
    init: ['check', 'tokens', 'release'],
    volumes: ['data', 'releases', 'standby'],
    starts: PARTS.map(() => ['no']),
    checksSystemd: [false],
  });
});

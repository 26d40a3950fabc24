import { App, Chart } from 'cdk8s';
import { KinsCluster, provisioningSupervisor, ServingCertificateApprover } from '../../lib';
import { duration, parseDuration } from '../../lib/core/grammars/durations';
import { problemLines } from '../support/refusals';

test.each<[string, number]>([
  ['90s', 90_000],
  ['10m', 600_000],
  ['1h30m', 5_400_000],
  ['1.5h', 5_400_000],
  ['250ms', 250],
  ['0s', 0],
])('%s is as long as Go takes it to be', (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});

test.each(['', '90', '10 m', '1d', '-5s', '5S', 'm', '1e3s', 90, null, ['90s']])('%p is no duration', (value) => {
  expect(parseDuration(value)).toBeUndefined();
});

test.each<[string, string, boolean]>([
  ['1s', 'the shortest', true],
  ['1h', 'the longest', true],
  ['60m', 'the longest, in other words', true],
  ['999ms', 'too short', false],
  ['61m', 'too long', false],
  ['1500ms', 'a part of a second', false],
])('%s is %s of 1s to 1h', (text, _, isAllowed) => {
  expect(duration({ min: '1s', max: '1h' })(text, 'x').length === 0).toBe(isAllowed);
});

test('numbers and names of before are refused, with what to write now', () => {
  const chart = new Chart(new App(), 'chart');
  const lines = problemLines(() => provisioningSupervisor({ name: 'edge1', lockTimeout: 60, minMemory: 900 } as never));
  expect(lines).toEqual([
    'minMemory: given 900; allowed: a number of bytes from 1Mi to 1Pi, as Kubernetes writes it. Write it like 512Mi or 1.5Gi.',
    'lockTimeout: given 60; allowed: a duration from 1s to 24h. Write it as Kubernetes does, like 90s, 10m or 1h30m.',
  ]);
  expect(problemLines(() => new ServingCertificateApprover(chart, 'a', { intervalMinutes: 5 } as never))).toEqual([
    "intervalMinutes: given 5; allowed: only props that still exist. It is now interval: '5m'.",
  ]);
  const unit = { nodes: ['edge1'], autonomyLevel: 'L4', unitName: 'shop', addresses: {}, timeoutSeconds: 5 };
  expect(problemLines(() => new KinsCluster(chart, 'k', unit as never))).toEqual([
    "unitName: given 'shop'; allowed: only props that still exist. It is now name.",
    'addresses: given {}; allowed: only props that still exist. It is now nodeAddresses.',
    "timeoutSeconds: given 5; allowed: only props that still exist. It is now timeout: '15m'.",
  ]);
});

import { App, Chart } from 'cdk8s';

import { AutonomyLevel, KinsCluster, type KinsClusterProps } from '../../../lib';
import { problemLines, type BadInput } from '../../support/refusals';

const { L3, L4, L5 } = AutonomyLevel;
export const nodes = ['edge1', 'edge2', 'edge3'];
export const l3 = (more: object = {}): object => ({ autonomyLevel: L3, nodes, ...more });
export const l4 = (more: object = {}): object => ({ autonomyLevel: L4, nodes, ...more });
export const l5 = (more: object = {}): object => ({ autonomyLevel: L5, nodes, ...more });
export const TOKEN = `K10${'0a'.repeat(32)}::server:hunter2`;
export const PRIVATE_KEY = '-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----';
export const LABEL_1035 =
  'lower-case letters a-z, digits and hyphens, starting with a letter, ending with a letter or digit (a DNS-1035 label). Rename it.';
export const SUBDOMAIN =
  'lower-case letters a-z, digits, hyphens and dots, with a letter or digit at both ends of every part (a DNS subdomain). Rename it.';
export const K3S_RELEASE = 'a K3s release from v1.33 to v1.36, written like v1.35.1+k3s1.';
export const TAKE_NAME = 'Take the name from the list of K3s releases; an image tag has - where the release has +.';
export const PORT = 'a whole number from 1 to 65535. Use a number in this range.';
export const LIST = 'a list. Put the value in [ ].';
export const ONLY_ONCE = 'allowed: each item only once; it is already at';

export const declare = (chart: Chart, id: string, props: unknown): KinsCluster =>
  new KinsCluster(chart, id, props as KinsClusterProps);

export function site(): { app: App; chart: Chart } {
  const app = new App();
  return { app, chart: new Chart(app, 'site') };
}

/** Each row is refused with exactly its lines, which show no secret, and leaves nothing behind. */
export function refuses(rows: readonly BadInput[]): void {
  test.each(rows)('%s is refused, and nothing is left behind', (_, id, props, lines) => {
    const { chart } = site();
    const found = problemLines(() => declare(chart, id, props));
    expect(found).toEqual(lines);
    expect(found.join('\n')).not.toContain('hunter2');
    expect(chart.node.children).toEqual([]);
    expect(() => declare(chart, 'u', l5())).not.toThrow();
  });
}

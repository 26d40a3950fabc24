import { parse } from 'yaml';
import { AutonomyLevel } from '../../lib';
import type { KubeObject } from '../api/support/objects';
import { find } from '../support/render';
import { kinsObjects, LEVELS } from '../support/units';

const { L4, L5 } = AutonomyLevel;
const names = (objects: readonly KubeObject[]): string[] =>
  objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
const dataOf = (objects: readonly KubeObject[], name: string): Record<string, string> | undefined =>
  find(objects, 'ConfigMap', name).data as Record<string, string> | undefined;

describe('secrets', () => {
  test.each(LEVELS)('none is in the output at %s', (level) => {
    const objects = kinsObjects('test', level, { credentialsInConfigMap: true });
    for (const { kind, data, stringData } of objects) {
      if (kind === 'Secret') expect([data, stringData]).toEqual([undefined, undefined]);
    }
    expect(JSON.stringify(objects)).not.toMatch(/-----BEGIN|K10[0-9a-f]{64}::/);
  });

  test('the kubeconfig in the ConfigMap names files of the node and no credential', () => {
    const text = dataOf(kinsObjects('test', L4), 'test-cm-kins')?.['kubeconfig.conf'];
    expect(parse(text ?? '')).toEqual({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: 'default',
          cluster: { server: 'https://127.0.0.1:26445', 'certificate-authority': '/var/lib/kins/test/access/ca.crt' },
        },
      ],
      contexts: [{ name: 'default', context: { cluster: 'default', namespace: 'default', user: 'default' } }],
      'current-context': 'default',
      users: [{ name: 'default', user: { tokenFile: '/var/lib/kins/test/access/token' } }],
    });
  });

  test('with credentialsInConfigMap the ConfigMap is filled in the cluster, by the server alone', () => {
    const rights = (credentialsInConfigMap: boolean): unknown =>
      find(kinsObjects('test', L4, { credentialsInConfigMap }), 'Role', 'test-server-kins').rules;
    const rule = (resources: string, resourceNames: string[]): unknown => ({
      apiGroups: [''],
      resources: [resources],
      resourceNames,
      verbs: ['get', 'patch'],
    });
    expect(dataOf(kinsObjects('test', L4, { credentialsInConfigMap: true }), 'test-cm-kins')).toBeUndefined();
    expect(rights(true)).toEqual([
      rule('secrets', ['test-sec-kins']),
      rule('configmaps', ['test-state-kins', 'test-cm-kins']),
    ]);
    expect(rights(false)).toEqual([rule('secrets', ['test-sec-kins']), rule('configmaps', ['test-state-kins'])]);
  });

  test('a tokenSecret of the user is read in place of ours, and nobody makes tokens', () => {
    const objects = kinsObjects('test', L5, { tokenSecret: 'mine' });
    expect(JSON.stringify(find(objects, 'DaemonSet', 'test-server-kins'))).not.toContain('tokens.sh');
    for (const part of ['server', 'agent']) {
      const text = JSON.stringify(find(objects, 'DaemonSet', `test-${part}-kins`));
      expect(text).toContain('"secretName":"mine"');
      expect(text).not.toContain('"secretName":"test-sec-kins"');
    }
    // The kubeconfigs still go into ours.
    expect(names(objects)).toContain('Secret test-sec-kins');
  });
});

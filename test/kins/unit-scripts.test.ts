import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { AutonomyLevel, KinsCluster } from '../../lib';
import { withoutComments } from '../../lib/kins/scripts/comments';
import { scriptsFor, scriptsName } from '../../lib/kins/pods/unit-scripts';
import { readScript } from '../../lib/shell/read';
import type { KubeObject } from '../api/support/objects';
import { find, render } from '../support/render';
import { kinsObjects, LEVELS } from '../support/units';

const { L3, L4, L5 } = AutonomyLevel;
const KINDS = ['server', 'cri', 'agent', 'recycle'] as const;
const FILES = ['kins/scripts', 'shell'].flatMap((folder) =>
  readdirSync(join(__dirname, '../../lib', folder))
    .filter((name) => name.endsWith('.sh'))
    .map((name) => `${folder}/${name}`),
);
const isScripts = ({ kind, metadata }: KubeObject): boolean =>
  kind === 'ConfigMap' && /^kins-[a-z]+-scripts-/.test(metadata.name);
const scriptsOf = (objects: readonly KubeObject[]): KubeObject[] => objects.filter(isScripts);

describe('the scripts of the pods', () => {
  test('are there once for all units, whatever their levels and props are, and in no object of a unit', () => {
    const objects = render((chart) => {
      new KinsCluster(chart, 'ending', { nodes: ['edge0'], autonomyLevel: L3 });
      new KinsCluster(chart, 'one', { nodes: ['edge1'], autonomyLevel: L4, hostPorts: [80] });
      new KinsCluster(chart, 'three', { nodes: ['edge2', 'edge3', 'edge4'], autonomyLevel: L5, tokenSecret: 'own' });
    });
    expect(scriptsOf(objects).map(({ metadata }) => metadata.name).sort()).toEqual(KINDS.map(scriptsName).sort()); // prettier-ignore
    for (const object of objects.filter((each) => !isScripts(each))) {
      expect([object.metadata.name, JSON.stringify(object)]).toEqual([
        object.metadata.name,
        expect.not.stringContaining('set -eu'),
      ]);
    }
    expect(scriptsOf(kinsObjects('other', L4))).toEqual(scriptsOf(kinsObjects('test', L5)));
    expect(scriptsOf(kinsObjects('test', L3))).toEqual(
      scriptsOf(kinsObjects('test', L4)).filter(({ metadata }) => metadata.name.startsWith('kins-recycle-')),
    );
  });

  test.each(LEVELS)('come before the units, at %s too when others of the chart needed fewer', (level) => {
    const objects = render((chart) => {
      new KinsCluster(chart, 'before', { nodes: ['edge0'], autonomyLevel: L3 });
      new KinsCluster(chart, 'test', { nodes: ['edge1', 'edge2', 'edge3'], autonomyLevel: level });
    });
    const at = (wanted: (object: KubeObject) => boolean): number[] =>
      objects.flatMap((object, index) => (wanted(object) ? [index] : []));
    const first = at(({ metadata }) => metadata.name === 'test-guard-kins')[0] ?? 0;
    const scripts = at(({ metadata }) => scriptsFor(level).some((of) => metadata.name === scriptsName(of)));
    expect(scripts).toHaveLength(level === L3 ? 1 : 4);
    for (const index of scripts) expect(index).toBeLessThan(first);
  });

  test('never change: they are named by what is in them, nobody prunes them, and no selector of a unit finds them', () => {
    for (const of of KINDS) {
      const { metadata, immutable, data } = find(kinsObjects('test', L4), 'ConfigMap', scriptsName(of));
      const hash = createHash('sha256')
        .update(JSON.stringify([data]))
        .digest('hex')
        .slice(0, 8);
      expect([metadata.name, immutable]).toEqual([`kins-${of}-scripts-${hash}`, true]);
      expect(metadata).toMatchObject({
        namespace: 'kins-system',
        annotations: {
          'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
          'kustomize.toolkit.fluxcd.io/prune': 'disabled',
          'kustomize.toolkit.fluxcd.io/ssa': 'IfNotPresent',
        },
      });
      expect(metadata.labels).not.toHaveProperty(['edge-constructs.io/unit']);
    }
  });

  test('are guarded by each unit that was rendered with them, of its end too', () => {
    const { spec } = find(kinsObjects('test', L4), 'ValidatingAdmissionPolicyBinding', 'test-namespace-kins');
    const { resourceRules } = (spec as { matchResources: { resourceRules: Record<string, string[]>[] } })
      .matchResources;
    const rule = resourceRules.find(({ resources }) => resources?.[0] === 'configmaps');
    expect(rule?.operations).toEqual(['DELETE']);
    expect(rule?.resourceNames).toEqual(expect.arrayContaining(KINDS.map(scriptsName)));
  });

  test('are mounted by the pods that run them, and by no others', () => {
    const mounted = (level: AutonomyLevel): string[][] =>
      kinsObjects('test', level)
        .filter(({ kind }) => kind === 'DaemonSet')
        .flatMap(({ metadata, spec }) => {
          const { template } = spec as { template: { spec: { volumes?: { configMap?: { name: string } }[] } } };
          const names = (template.spec.volumes ?? []).flatMap(({ configMap }) => configMap?.name ?? []);
          return names.filter((name) => name.includes('-scripts-')).map((name) => [metadata.name, name]);
        });
    expect(mounted(L4)).toEqual(['cri', 'server', 'agent'].map((of) => [`test-${of}-kins`, scriptsName(of as 'cri')]));
    expect(mounted(L3)).toEqual([['test-recycle-kins', scriptsName('recycle')]]);
  });
});

describe('a version of the library', () => {
  /** What a unit would be if scripts had another text. */
  function objectsWith(level: AutonomyLevel, change: (path: string, text: string) => string): KubeObject[] {
    let objects: KubeObject[] = [];
    jest.isolateModules(() => {
      jest.doMock('../../lib/shell/read', () => ({ readScript: (path: string) => change(path, readScript(path)) }));
      const units = jest.requireActual<{ kinsObjects: typeof kinsObjects }>('../support/units');
      objects = units.kinsObjects('test', level);
    });
    jest.dontMock('../../lib/shell/read');
    return objects;
  }
  const differing = (before: readonly KubeObject[], after: readonly KubeObject[]): string[] =>
    after
      .filter((object) => !before.some((each) => JSON.stringify(each) === JSON.stringify(object)))
      .map(({ kind, metadata }) => `${kind} ${metadata.name.replace(/-[0-9a-f]{8}$/, '')}`);

  test.each(LEVELS)('that has other words about scripts changes nothing at %s', (level) => {
    const described = objectsWith(level, (_, text) => text.replaceAll('\n', '\n# Another word.\n\n'));
    expect(described).toEqual(kinsObjects('test', level));
  });

  test.each([
    ['server.sh', L4, ['ConfigMap kins-server-scripts', 'DaemonSet test-server-kins']],
    ['agent.sh', L4, ['ConfigMap kins-agent-scripts', 'DaemonSet test-agent-kins']],
    ['cri.sh', L4, ['ConfigMap kins-cri-scripts', 'DaemonSet test-cri-kins']],
    ['recycle.sh', L4, ['ConfigMap kins-recycle-scripts']],
    ['recycle.sh', L3, ['ConfigMap kins-recycle-scripts', 'DaemonSet test-recycle-kins']],
  ])('with another %s replaces, at %s, the pods that run it and no others', (name, level, expected) => {
    const changed = objectsWith(level, (path, text) => (path.endsWith(`/${name}`) ? `${text}true\n` : text));
    const differs = differing(kinsObjects('test', level), changed);
    // What guards the scripts names them.
    expect(differs.filter((each) => !each.includes('Binding'))).toEqual(expected);
    expect(differs.filter((each) => each.includes('Binding'))).toEqual(
      level === L3 ? [] : ['ValidatingAdmissionPolicyBinding test-namespace-kins'],
    );
  });
});

describe('comments', () => {
  test('and empty lines are no part of a script, but how it is run is', () => {
    expect(withoutComments('#!/bin/sh\n# Why.\n\nset -eu\n  # Because.\n  echo "#" "${a##*/}" # that\n')).toBe(
      '#!/bin/sh\nset -eu\n  echo "#" "${a##*/}" # that\n',
    );
    expect(withoutComments('set -eu\n#!/bin/sh\n')).toBe('set -eu\n');
  });

  test.each(FILES)('%s says the same to a shell without them, and none is left', (file) => {
    const text = readScript(file);
    const short = withoutComments(text);
    // As bash understands it: texts of several lines as they are, words about the code left out.
    const understood = (script: string): string => {
      const { status, stdout, stderr } = spawnSync('bash', ['-c', `f() {\n${script}\n:\n}\ndeclare -f f`]);
      expect([status, stderr.toString()]).toEqual([0, '']);
      return stdout.toString();
    };
    expect(understood(short)).toBe(understood(text));
    expect(short.split('\n').slice(1).filter((line) => /(^|\s)#\s/.test(line))).toEqual([]); // prettier-ignore
    expect(short.length).toBeLessThan(text.length);
  });
});

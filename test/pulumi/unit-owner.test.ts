import { withStack } from '../../lib/pulumi/stack-owner';
import { foreignUnit } from '../../lib/pulumi/unit-owner';
import { Engine } from './mocks';

const key = { name: 'shop-guard-kins', namespace: 'kins-system' };

beforeEach(() => Engine.start());

test('the guard of a unit says which stack has it', () => {
  const guard = withStack({ kind: 'ConfigMap', metadata: { name: 'a', annotations: { b: 'c' } } });
  expect(guard.metadata).toEqual({ name: 'a', annotations: { b: 'c', 'edge-constructs.io/stack': 'project/stack' } });
});

test('a unit that this stack began to make is made on; others are refused, with what to do', () => {
  expect(foreignUnit('shop', key, 'project/stack')).toBeUndefined();
  expect(foreignUnit('shop', key, 'project/other')).toBe(
    'Unit shop is already in the cluster and belongs to stack project/other; this is project/stack. Give the new unit ' +
      'another name, or move that one here with its state, with pulumi state move: see "A unit that another stack has" in ' +
      'docs/pulumi.md.',
  );
  for (const nobody of [undefined, '']) {
    expect(foreignUnit('shop', key, nobody)).toContain(
      'If stack project/stack created it, and was interrupted: kubectl --namespace kins-system annotate configmap ' +
        'shop-guard-kins edge-constructs.io/stack=project/stack',
    );
  }
});

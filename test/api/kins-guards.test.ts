import { AutonomyLevel } from '../../lib';
import { find } from '../support/render';
import { kinsObjects } from '../support/units';
import { apply, applyServerSide, remove, tryDelete } from './support/apply';
import { connect } from './support/connect';
import { endUnit, isShared } from './support/end-unit';
import type { KubeObject } from './support/objects';
import { eventually } from './support/poll';

const { L3, L4 } = AutonomyLevel;
const FINALIZERS = ['edge-constructs.io/guard'];
const cluster = connect();
afterAll(() => {
  cluster.close();
});

const at = (unit: string, level: AutonomyLevel): KubeObject[] =>
  kinsObjects(unit, level, { nodes: [`${unit}1`, `${unit}2`] });
const configOf = (unit: string): KubeObject => find(at(unit, L4), 'ConfigMap', `${unit}-config-kins`);

/** Why an object can't be deleted; empty when it can. */
async function refusal(object: KubeObject): Promise<string> {
  const { status, body } = await tryDelete(cluster, object);
  return status === 200 ? '' : (body as { message: string }).message;
}

/** Waits until the guard of a unit refuses to delete what it guards. */
async function guarded(unit: string): Promise<string> {
  return eventually(`${unit} is guarded`, async () => (await refusal(configOf(unit))) || undefined);
}

/** What is left of a unit of all kinds that it has. */
async function leftOf(unit: string): Promise<string[]> {
  const kinds =
    'configmaps,secrets,serviceaccounts,services,daemonsets,roles,rolebindings,networkpolicies,' +
    'validatingadmissionpolicies,validatingadmissionpolicybindings';
  const selector = `--selector=edge-constructs.io/unit=${unit}`;
  const { stdout } = await cluster.kubectl(['get', kinds, '--namespace=kins-system', selector, '--output=name']);
  return stdout.split('\n').filter((line) => line !== '');
}

/** As version 0.1 had it: policies of a unit's own, kept by finalizers, and bindings that lead to them and match what they do. */
function ownGuard(unit: string): KubeObject[] {
  const labels = find(at(unit, L4), 'ConfigMap', `${unit}-guard-kins`).metadata.labels;
  return ['guard', 'namespace'].flatMap((part) => {
    const metadata = { name: `${unit}-${part}-kins`, labels, finalizers: FINALIZERS };
    const apiVersion = 'admissionregistration.k8s.io/v1';
    const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['DELETE'], resources: ['configmaps'] };
    const objectSelector = { matchLabels: { 'edge-constructs.io/unit': unit } };
    return [
      {
        apiVersion,
        kind: 'ValidatingAdmissionPolicy',
        metadata,
        spec: {
          failurePolicy: 'Fail',
          matchConstraints: { objectSelector, resourceRules: [rule] },
          validations: [{ expression: 'false', message: `refused by the ${part} of its own`, reason: 'Forbidden' }],
        },
      },
      {
        apiVersion,
        kind: 'ValidatingAdmissionPolicyBinding',
        metadata,
        spec: { policyName: metadata.name, validationActions: ['Deny', 'Audit'] },
      },
    ];
  });
}

test('one unit ends, and the others stay under guard', async () => {
  const [ended, kept] = ['ends', 'stays'];
  await apply(cluster, [...at(ended, L4), ...at(kept, L4)]);
  for (const unit of [ended, kept]) {
    expect(await guarded(unit)).toContain(`NodeUnit ${unit} is at L4: downgrade it to L3 before deleting it`);
  }
  await endUnit(cluster, ended, at(ended, L4));
  expect(await leftOf(ended)).toEqual([]);
  expect(await refusal(configOf(kept))).toContain('NodeUnit stays is at L4');
  const results = await applyServerSide(cluster, [{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'stays1' } }]);
  expect(results.map(({ outcome }) => outcome)).toEqual(['serverside-applied']);
  // It belongs to a unit that is kept, but its computer is gone: nobody has said that it is Ready.
  await remove(cluster, results.map(({ applied }) => applied!)); // prettier-ignore
  await endUnit(cluster, kept, at(kept, L4));
});

test('a unit that had policies of its own comes under the common ones, and at its end nothing of it is left', async () => {
  const unit = 'upgraded';
  const before = [...at(unit, L4).filter(({ kind }) => !kind.startsWith('Validating')), ...ownGuard(unit)];
  await apply(cluster, before);
  expect(await guarded(unit)).toContain('of its own');
  await apply(cluster, at(unit, L4));
  await eventually('the common guard is in force', async () => {
    return (await refusal(configOf(unit))).includes('NodeUnit upgraded is at L4');
  });
  expect(await refusal(configOf(unit))).toMatch(/policy 'kins-guard-[0-9a-f]{8}' with binding 'upgraded-guard-kins'/i);
  // GitOps tools delete what is no longer rendered: the policies wait for the end of the unit, and stop nobody.
  for (const object of ownGuard(unit).filter(({ kind }) => kind === 'ValidatingAdmissionPolicy')) {
    expect((await cluster.request('DELETE', await cluster.pathOf(object))).status).toBe(200);
  }
  expect(await refusal(configOf(unit))).toContain('NodeUnit upgraded is at L4');
  await endUnit(cluster, unit, at(unit, L4));
  expect(await leftOf(unit)).toEqual([]);
});

test('units of two versions of the library have the guard of their own version each', async () => {
  const [older, newer] = ['older', 'newer'];
  const renamed = (name: string): string => name.replace(/^kins-guard-[0-9a-f]{8}$/, 'kins-guard-older');
  /** The same with another text in the policy, and so under another name. */
  const olderObjects = at(older, L4).map((object) => {
    const { kind, metadata, spec } = object;
    if (kind === 'ValidatingAdmissionPolicy' && metadata.name.startsWith('kins-guard-')) {
      const text = JSON.stringify(spec).replaceAll('before deleting it', 'before deleting it, says the older version');
      return { ...object, metadata: { ...metadata, name: renamed(metadata.name) }, spec: JSON.parse(text) as unknown };
    }
    const { policyName } = (spec ?? {}) as { policyName?: string };
    return policyName === undefined ? object : { ...object, spec: { ...(spec as object), policyName: renamed(policyName) } };
  }); // prettier-ignore
  await apply(cluster, at(newer, L4), { fieldManager: 'kubectl-edge-constructs' });
  await apply(cluster, olderObjects, { fieldManager: 'kustomize-controller' });
  expect(await guarded(newer)).toMatch(/before deleting it$/);
  expect(await guarded(older)).toMatch(/before deleting it, says the older version$/);
  // Applied again, neither changes what the other has.
  await apply(cluster, at(newer, L4), { fieldManager: 'kubectl-edge-constructs' });
  expect(await refusal(configOf(older))).toContain('says the older version');
  // The older one is upgraded.
  await apply(cluster, at(older, L4), { fieldManager: 'kustomize-controller' });
  await eventually('it has the newer guard', async () => /before deleting it$/.test(await refusal(configOf(older))));
  await apply(cluster, at(newer, L3), { fieldManager: 'kubectl-edge-constructs' });
  await apply(cluster, at(older, L3), { fieldManager: 'kustomize-controller' });
  for (const unit of [older, newer]) {
    await eventually(`${unit} may go`, async () => (await refusal(configOf(unit))) === '');
    await remove(cluster, [...at(unit, L3), ...at(unit, L4)].filter((object) => !isShared(object))); // prettier-ignore
  }
});

test('what units had in versions before may go while the unit has a cluster, and nothing can be made to look like it', async () => {
  const unit = 'tokens-job';
  const had = at(unit, L3).filter(
    ({ kind, metadata: { name } }) => name === `${unit}-token-kins` || kind === 'NetworkPolicy',
  );
  expect(had).toHaveLength(6);
  await apply(cluster, [...at(unit, L4), ...had]);
  await guarded(unit);
  // Whoever prunes takes them away, once the unit has the guard of this version.
  for (const object of had) expect(await refusal(object)).toBe('');
  const secret = find(at(unit, L4), 'Secret', `${unit}-sec-kins`);
  const labels = { ...(secret.metadata.labels as object), 'edge-constructs.io/component': 'token' };
  const [result] = await applyServerSide(cluster, [{ ...secret, metadata: { ...secret.metadata, labels } }]);
  expect(result?.message).toContain('are what guards the objects of NodeUnit tokens-job: keep them');
  await endUnit(cluster, unit, at(unit, L4));
  expect(await leftOf(unit)).toEqual([]);
});

test('an object that is of no unit cannot be made one of a guarded unit, and the message names that unit', async () => {
  const unit = 'adopting';
  await apply(cluster, at(unit, L4));
  await guarded(unit);
  const stray: KubeObject = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'stray', namespace: 'kins-system' },
  };
  await apply(cluster, [stray]);
  const labelled = { ...stray, metadata: { ...stray.metadata, labels: { 'edge-constructs.io/unit': unit } } };
  const [result] = await applyServerSide(cluster, [labelled]);
  expect(result?.message).toContain('are what guards the objects of NodeUnit adopting: keep them');
  await remove(cluster, [stray]);
  await endUnit(cluster, unit, at(unit, L4));
});

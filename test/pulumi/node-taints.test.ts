import { TaintEffect } from '../../lib';
import type { ClusterObjects, LiveObject, LiveTaint } from '../../lib/pulumi/cluster-objects';
import { NODE_TAINTS, NodeTaints, parseTaints, taintsText } from '../../lib/pulumi/node-taints';

const { NO_EXECUTE, NO_SCHEDULE } = TaintEffect;
const OTHERS: LiveTaint = {
  key: 'node.kubernetes.io/not-ready',
  effect: 'NoExecute',
  timeAdded: '2026-11-27T00:00:00Z',
};

/** The taints of a node after a change; `undefined` when nothing was changed. */
async function changed(
  live: readonly LiveTaint[],
  change: (taints: NodeTaints) => Promise<void>,
): Promise<readonly LiveTaint[] | undefined> {
  let patch: unknown;
  const objects: Pick<ClusterObjects, 'change'> = {
    change: (_, make) => {
      patch = make({ spec: { taints: live } } satisfies LiveObject);
      return Promise.resolve();
    },
  };
  await change(new NodeTaints(objects as ClusterObjects, 'edge1'));
  return (patch as { spec: { taints: LiveTaint[] } } | undefined)?.spec.taints;
}

const ensured = (
  live: readonly LiveTaint[],
  ...wanted: Parameters<NodeTaints['ensure']>[0]
): ReturnType<typeof changed> => changed(live, (taints) => taints.ensure(wanted));

test('a taint of the same key with another effect is another taint, and stays', async () => {
  const live = [{ key: 'kiosk', effect: 'NoSchedule' }, OTHERS];
  expect(await ensured(live, { key: 'kiosk', effect: NO_EXECUTE })).toEqual([
    ...live,
    { key: 'kiosk', effect: 'NoExecute' },
  ]);
});

test('a value is put right, and no taint stands there twice', async () => {
  const live = [OTHERS, { key: 'kiosk', value: 'no', effect: 'NoExecute' }];
  expect(await ensured(live, { key: 'kiosk', value: 'yes', effect: NO_EXECUTE })).toEqual([
    OTHERS,
    { key: 'kiosk', value: 'yes', effect: 'NoExecute' },
  ]);
});

test('nothing is written when the taints are there, in whatever order', async () => {
  const live = [{ key: 'b', effect: 'NoExecute' }, OTHERS, { key: 'a', value: 'x', effect: 'NoSchedule' }];
  const wanted = [
    { key: 'a', value: 'x', effect: NO_SCHEDULE },
    { key: 'b', effect: NO_EXECUTE },
  ];
  expect(await ensured(live, ...wanted)).toBeUndefined();
});

test('only the taint that is declared no more is removed, not that of another effect', async () => {
  const live = [
    { key: 'kiosk', value: 'yes', effect: 'NoSchedule' },
    { key: 'kiosk', value: 'yes', effect: 'NoExecute' },
    OTHERS,
  ];
  expect(await changed(live, (taints) => taints.remove([{ key: 'kiosk', effect: 'NoSchedule' }]))).toEqual(
    live.slice(1),
  );
  expect(await changed(live, (taints) => taints.remove([{ key: 'till', effect: 'NoSchedule' }]))).toBeUndefined();
});

test('a list may name a key once for each effect', () => {
  expect(NODE_TAINTS([{ key: 'a', effect: NO_EXECUTE }, { key: 'a', effect: NO_SCHEDULE }], 'taints')).toEqual([]); // prettier-ignore
  const twice = [{ key: 'a', value: 'x', effect: NO_EXECUTE }, { key: 'a', effect: NO_EXECUTE }]; // prettier-ignore
  expect(NODE_TAINTS(twice, 'taints')).toMatchObject([{ field: 'taints[1]' }]);
});

test('what stands in the annotation is found again', () => {
  const taints = [
    { key: 'example.com/kiosk', value: 'a', effect: NO_EXECUTE },
    { key: 'till', effect: NO_SCHEDULE },
  ];
  expect(parseTaints(taintsText(taints))).toEqual(taints.map(({ key, effect }) => ({ key, effect })));
  expect(parseTaints('')).toEqual([]);
});

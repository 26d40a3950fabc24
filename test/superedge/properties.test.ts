import { App, Chart, Yaml } from 'cdk8s';
import * as fc from 'fast-check';
import { AutonomyLevel, NodeGroup, NodeUnit } from '../../lib';
import { isRefused } from '../support/refusals';

const { L3, L4, L5 } = AutonomyLevel;
const level = fc.constantFrom(L3, L4, L5);
/** Valid and invalid names, most of them near the border between the two. */
const name = fc.oneof(
  fc.stringMatching(/^[a-z]([-a-z0-9]{0,70}[a-z0-9])?$/),
  fc.stringMatching(/^[-.A-Za-z0-9_/]{0,40}$/),
  fc.string({ unit: 'binary', maxLength: 40 }),
);
const nodes = fc.uniqueArray(fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?$/), { minLength: 3, maxLength: 6 });

test('a name is taken exactly when everything that SuperEdge makes of it is valid', () => {
  fc.assert(
    fc.property(name, level, (given, at) => {
      const isLabelKey =
        given.length <= 63 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(given);
      const isService = /^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(given);
      const fitsRevisionLabel = `${given}-server-kins-join-0123456789`.length <= 63;
      const isValid = at === L3 ? isLabelKey : isService && fitsRevisionLabel;
      const chart = new Chart(new App(), 'c');
      const props = { name: given, nodes: ['a', 'b', 'c'], autonomyLevel: at };
      expect(isRefused(() => new NodeUnit(chart, 'u', props))).toBe(!isValid || given === 'unit-node-all');
    }),
  );
});

test('a list of nodes is taken exactly when it has as many as the level has servers', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.stringMatching(/^[a-z]{1,5}$/), { maxLength: 5 }), level, (list, at) => {
      const chart = new Chart(new App(), 'c');
      const needed = { [L3]: 1, [L4]: 1, [L5]: 3 }[at];
      expect(isRefused(() => new NodeUnit(chart, 'u', { nodes: list, autonomyLevel: at }))).toBe(list.length < needed);
    }),
  );
});

test('a range of node ports is taken exactly when kube-proxy can serve it beside the cloud cluster', () => {
  const port = fc.oneof(
    fc.integer({ min: 0, max: 70_000 }),
    fc.constantFrom(1023, 1024, 29_999, 30_000, 32_767, 32_768, 65_535, 65_536),
  );
  fc.assert(
    fc.property(port, port, (first, last) => {
      const isValid = first >= 1024 && first <= last && last <= 65_535 && (last < 30_000 || first > 32_767);
      const unitCluster = { nodePortRange: `${first}-${last}` };
      const chart = new Chart(new App(), 'c');
      expect(isRefused(() => new NodeUnit(chart, 'u', { nodes: ['a'], autonomyLevel: L4, unitCluster }))).toBe(
        !isValid,
      );
    }),
  );
});

test('same props, same bytes, in whatever order the keys of the props stand', () => {
  const labels = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.stringMatching(/^[a-z0-9]{0,8}$/), { maxKeys: 5 });
  fc.assert(
    fc.property(nodes, level, labels, (list, at, map) => {
      const synth = (nodeLabels: Record<string, string>): string => {
        const chart = new Chart(new App(), 'c');
        const unit = new NodeUnit(chart, 'u-0', {
          nodes: list,
          autonomyLevel: at,
          labels: nodeLabels,
          setNode: { labels: nodeLabels },
        });
        new NodeGroup(chart, 'g-0', { nodeUnits: [unit] });
        return Yaml.stringify(...(chart.toJson() as unknown[]));
      };
      expect(synth(Object.fromEntries(Object.entries(map).reverse()))).toBe(synth(map));
    }),
  );
});

test('whatever is given, the answer is a unit or an error with all its problems, and a refused one leaves nothing', () => {
  const junk = fc.anything({ withNullPrototype: true });
  const props = fc.record(
    {
      name: junk,
      autonomyLevel: junk,
      nodes: junk,
      selector: junk,
      type: junk,
      unschedulable: junk,
      setNode: junk,
      unitCluster: junk,
      labels: junk,
      annotations: junk,
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(props, junk), (given) => {
      const chart = new Chart(new App(), 'c');
      const refused = isRefused(() => new NodeUnit(chart, 'u', given as never));
      expect(chart.node.children).toHaveLength(refused ? 0 : 1);
      const group = isRefused(() => new NodeGroup(chart, 'g', given as never));
      expect(chart.node.children).toHaveLength((refused ? 0 : 1) + (group ? 0 : 1));
    }),
  );
});

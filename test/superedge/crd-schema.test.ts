import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import { App, Chart } from 'cdk8s';
import { parse } from 'yaml';
import {
  AutonomyLevel,
  NodeGroup,
  NodeGroupWorkloadType,
  NodeUnit,
  NodeUnitType,
  SelectorOperator,
  TaintEffect,
} from '../../lib';
import { handOver } from '../../lib/superedge/hand-over';

const CRDS = join(__dirname, '../../../shared/crds/superedge');
const isThere = existsSync(CRDS);
if (!isThere) console.log(`skipped: there are no CRDs of SuperEdge in ${CRDS}`);

type Schema = { properties?: Record<string, Schema>; items?: Schema; additionalProperties?: unknown; format?: string };

/** Kubernetes drops what a CRD does not know; server-side apply with strict validation refuses it, and so does this. */
function strict(schema: Schema): Schema {
  const properties =
    schema.properties &&
    Object.fromEntries(Object.entries(schema.properties).map(([key, each]) => [key, strict(each)]));
  return {
    ...schema,
    ...(properties && { properties, additionalProperties: false }),
    ...(schema.items && { items: strict(schema.items) }),
  };
}

function problemsOf(object: { kind: string; apiVersion: string; metadata: object }): unknown {
  const plural = `${object.kind.toLowerCase()}s`;
  const crd = parse(readFileSync(join(CRDS, `site.superedge.io_${plural}.no-conversion.yaml`), 'utf8')) as {
    spec: { scope: string; versions: { name: string; storage: boolean; schema: { openAPIV3Schema: Schema } }[] };
  };
  const version = crd.spec.versions.find((each) => `site.superedge.io/${each.name}` === object.apiVersion)!;
  expect(version.storage).toBe(true);
  expect(crd.spec.scope).toBe('Cluster');
  expect(object.metadata).not.toHaveProperty('namespace');
  const schema = strict(version.schema.openAPIV3Schema);
  // The API server checks metadata by rules of its own.
  schema.properties!.metadata = {};
  const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
  validate(object);
  return validate.errors;
}

(isThere ? describe : describe.skip)("SuperEdge's CRDs take", () => {
  const chart = new Chart(new App(), 'site');
  const [L4, L5] = [AutonomyLevel.L4, AutonomyLevel.L5];
  const selector = { matchLabels: { a: 'b' }, matchExpressions: [{ key: 'c', operator: SelectorOperator.EXISTS }] };
  const full = new NodeUnit(chart, 'full', {
    nodes: ['f1'],
    selector,
    type: NodeUnitType.OTHER,
    unschedulable: true,
    setNode: {
      labels: { a: 'b' },
      annotations: { c: 'd' },
      taints: [{ key: 'e', value: 'f', effect: TaintEffect.NO_EXECUTE }],
    },
  });
  new NodeUnit(chart, 'seed', { nodes: ['edge1', 'edge2', 'edge3'] });
  new NodeUnit(chart, 'four', {
    nodes: ['g1'],
    autonomyLevel: L4,
    unitCluster: { k3sImage: 'a/b:1', criwImage: 'a/c:1', nodePortRange: '40000-40010' },
  });
  new NodeUnit(chart, 'five', { nodes: ['h1', 'h2', 'h3'], autonomyLevel: L5 });
  handOver(new NodeUnit(chart, 'handed-over', { nodes: ['i1'], autonomyLevel: L4 }), 'site/kins');
  new NodeGroup(chart, 'group', {
    nodeUnits: [full],
    selector,
    autoFindNodeKeys: ['zone'],
    workload: [{ name: 'w', type: NodeGroupWorkloadType.POD, selector }],
  });

  test.each(
    (chart.toJson() as { kind: string; apiVersion: string; metadata: { name: string } }[]).map(
      (each) => [each.metadata.name, each] as const,
    ),
  )('%s', (_, object) => {
    expect(problemsOf(object)).toBeNull();
  });

  test('but not what they do not know', () => {
    const object = {
      apiVersion: 'site.superedge.io/v1alpha2',
      kind: 'NodeUnit',
      metadata: { name: 'x' },
      spec: { node: [] },
    };
    expect(problemsOf(object)).toMatchObject([
      { keyword: 'additionalProperties', params: { additionalProperty: 'node' } },
    ]);
  });
});

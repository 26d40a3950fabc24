import Ajv from 'ajv';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shape } from '../../lib/core/rules';
import { FLEET_DATA } from '../../lib/fleet/checks/site-rules';
import { runs } from '../support/sample';

const schema = JSON.parse(readFileSync(join(__dirname, '../../lib/fleet/fleet.schema.json'), 'utf8')) as object;
const isFineForEditors = new Ajv({ strict: true, strictTypes: false, allErrors: true }).compile(schema);
const isFine = (data: unknown): boolean => shape(FLEET_DATA)(data, '').length === 0;

/** Values for every field, right and wrong; what only the readers can tell (real addresses, unique names) is left right. */
const label = fc.constantFrom('a', 'eu-1', 'x'.repeat(63), 'A', '-a', 'a.b', '', 'x'.repeat(64), 7, null);
const subdomain = fc.constantFrom('a', 'a.b-c.d', 'A', '.a', 'a..b', '', true);
const node = fc.record(
  {
    name: subdomain,
    address: fc.constantFrom('10.0.0.1', 'fd00::1', '10.0.0', 'localhost', 5),
    adress: fc.constant('x'),
  },
  { requiredKeys: [] },
);
const settings = {
  nodes: fc.oneof(fc.array(node, { maxLength: 1 }), fc.constant({})),
  autonomyLevel: fc.constantFrom('L3', 'L4', 'L5', 'L6', 'l4', 4),
  network: label,
  clusters: fc.record(
    {
      kkpMaster: subdomain,
      kkpSeed: subdomain,
      kkpUserCluster: subdomain,
      cloudCluster: subdomain,
      cloud: fc.constant('x'),
    },
    { requiredKeys: [] },
  ),
  ranges: fc.record(
    {
      pods: fc.constantFrom('10.0.0.0/16', '10.0.0.0/22', '10.0.0.0/23', 'fd00::/64', '10.0.0.0'),
      services: fc.constantFrom('10.0.0.0/12', '10.0.0.0/24', '10.0.0.0/25', ''),
      nodePorts: fc.constantFrom('30000-30099', '30000', '30000:30099', 30000),
    },
    { requiredKeys: [] },
  ),
  labels: fc.dictionary(
    fc.constantFrom('tier', 'example.org/tier', 'a/b/c', '', '-x'),
    fc.constantFrom('retail', '', 'a b', 1),
    { maxKeys: 2, noNullPrototype: true },
  ),
  values: fc.oneof(
    fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 2, noNullPrototype: true }),
    // A key that would set a prototype where it is copied.
    fc
      .constantFrom('[]', '{"__proto__":[]}', '{"a":[{"__proto__":1}]}', '{"a":[{"b":1}]}')
      .map((text): unknown => JSON.parse(text)),
  ),
};
const some = { requiredKeys: [] as never[] };
const site = fc.record(
  { name: label, template: label, region: label, ring: label, tempalte: fc.constant('x'), ...settings },
  some,
);
const byName = fc.dictionary(fc.constantFrom('shop', 'Shop', 'a.b'), fc.record(settings, some), {
  maxKeys: 2,
  noNullPrototype: true,
});
const data = fc.oneof(
  fc.record(
    {
      defaults: fc.record(settings, some),
      templates: byName,
      regions: byName,
      rings: byName,
      sites: fc.array(site, { maxLength: 2 }),
      site: fc.constant(1),
    },
    some,
  ),
  fc.constantFrom([], null, 'x'),
);

describe('the JSON Schema of site files', () => {
  it('tells editors what the readers tell: of every field alone, right or wrong', () => {
    let fine = 0;
    for (const [field, value] of Object.entries(settings)) {
      fc.assert(
        fc.property(value as fc.Arbitrary<unknown>, (each) => {
          const file = { sites: [{ name: 'a', [field]: each }] };
          if (isFine(file)) fine++;
          expect([isFineForEditors(file), file]).toEqual([isFine(file), file]);
        }),
      );
    }
    expect(fine).toBeGreaterThan(100);
  });

  it('tells editors what the readers tell: of whole files', () => {
    fc.assert(
      fc.property(data, (each) => {
        expect([isFineForEditors(each), each]).toEqual([isFine(each), each]);
      }),
      { numRuns: runs(1000) },
    );
  });
});

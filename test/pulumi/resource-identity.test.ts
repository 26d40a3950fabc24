import type * as pulumi from '@pulumi/pulumi';
import { output } from '@pulumi/pulumi';
import { App, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import {
  aliasesOf,
  aliasProblems,
  formerNamesOf,
  typeToken,
  type ChartAliases,
} from '../../lib/pulumi/resource-identity';
import { Engine } from './mocks';

beforeEach(() => Engine.start());

const object = (name: unknown, namespace?: unknown): Record<string, unknown> => ({ metadata: { name, namespace } });
const names = (path: string, aliases: ChartAliases, formerNames: string[] = [], component = 'site'): unknown[] =>
  aliasesOf(component, path, object('a'), aliases, formerNames).map(({ name }) => name);

test.each([
  ['v1', 'ConfigMap', false, 'kubernetes:core/v1:ConfigMap'],
  ['apps/v1', 'DaemonSet', false, 'kubernetes:apps/v1:DaemonSet'],
  ['v1', 'Node', true, 'kubernetes:core/v1:NodePatch'],
])('%s %s has the token of its class in @pulumi/kubernetes', (apiVersion, kind, isPatch, token) => {
  expect(typeToken(apiVersion, kind, isPatch)).toBe(token);
});

describe('a construct that was renamed', () => {
  const renamed = { now: 'before', 'a/b': 'c' };
  test.each([
    ['is found itself', 'now', ['site/before']],
    ['is found with all that is below it', 'now/x/y', ['site/before/x/y']],
    ['may be below another one', 'a/b/x', ['site/c/x']],
    ['is none whose name only begins so', 'nowhere', []],
    ['is not the one above it', 'a', []],
  ])('%s', (_, path, found) => {
    expect(names(path, { renamed })).toEqual(found);
  });

  test('comes beside the names that the component had', () => {
    expect(names('now', { renamed }, ['old'])).toEqual(['old/now', 'site/before']);
  });

  test.each([
    [{ now: 'before' }, []],
    [{ 'now/below': 'before' }, []],
    [{ below: 'before' }, ['below']],
    [{ 'now/below/more': 'before', 'x/y': 'z' }, ['now/below/more', 'x/y']],
  ])('is there: %j', (map, wrong) => {
    const chart = new Chart(new App(), 'site');
    new Construct(new Construct(chart, 'now'), 'below');
    expect(aliasProblems({ renamed: map }, chart).map(({ given }) => given)).toEqual(wrong.map((each) => `'${each}'`));
  });

  test('is nothing that has to be said', () => {
    expect(aliasProblems({}, new Chart(new App(), 'site'))).toEqual([]);
    expect(names('now', {})).toEqual([]);
  });
});

test('a component that was renamed had its first construct named after it, and no other', () => {
  expect(names('site/server', {}, ['old'])).toEqual(['old/old/server']);
  expect(names('tokens', {}, ['old', 'older'])).toEqual(['old/tokens', 'older/tokens']);
});

describe('objects of a ConfigGroup', () => {
  const found = (manifest: Record<string, unknown>): pulumi.Alias[] =>
    aliasesOf('site', 'a', manifest, { configGroup: 'group' }, []);
  test.each<[string, Record<string, unknown>, string[]]>([
    ['are found by name and namespace', object('a', 'default'), ['group:default/a', 'default/a']],
    ['are found by their names where they have no namespace', object('a'), ['group:a', 'a']],
    ['are not found by a name that is an Output', object(output('a'), 'default'), []],
  ])('%s', (_, manifest, ids) => {
    expect(found(manifest).map(({ name }) => name)).toEqual(ids);
  });
});

test.each<[string, pulumi.ComponentResourceOptions | undefined, string[]]>([
  ['no options', undefined, []],
  ['no aliases', {}, []],
  ['names', { aliases: [{ name: 'a' }, { name: 'b' }] }, ['a', 'b']],
  ['a URN', { aliases: ['urn:pulumi:stack::project::edge-constructs:index:Seed::a'] }, ['a']],
  ['another parent or stack alone', { aliases: [{ parent: undefined }, { stack: 'other' }] }, []],
  ['what only Pulumi knows', { aliases: [output('urn:a::b'), { name: undefined }] }, []],
  ['a list that only Pulumi knows', { aliases: output([{ name: 'a' }]) as never }, []],
  ['nothing in a list', { aliases: [null as never, { name: 'a' }] }, ['a']],
])('names that a component had before, of %s', (_, options, former) => {
  expect(formerNamesOf(options)).toEqual(former);
});

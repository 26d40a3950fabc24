import * as pulumi from '@pulumi/pulumi';
import { withQuotedChecked } from '../../lib/pulumi/quoted-fields';
import { Engine, settled } from './mocks';

let engine: Engine;
beforeEach(async () => {
  engine = await Engine.start();
});
afterEach(() => engine.settle());

const { secret, output } = pulumi;
const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' };
const SECRET = { apiVersion: 'v1', kind: 'Secret' };
const WIDGET = { apiVersion: 'example.org/v1', kind: 'Widget' };
/** No label may have it as a value, no map as a key. */
const WRONG = 'not for you!';

/** What comes of a field when it is known. */
async function known(manifest: object, field: string): Promise<unknown> {
  const checked = withQuotedChecked('site/x', manifest as Record<string, unknown>);
  return (await settled(output(checked[field]))).value;
}

test.each<[string, object, string, string]>([
  ['the value of a label', { ...WIDGET, metadata: { labels: { a: secret(WRONG) } } }, 'metadata', 'metadata.labels'],
  ['all labels', { ...WIDGET, metadata: { labels: secret({ a: WRONG }) } }, 'metadata', 'metadata.labels'],
  ['the key of a label', { ...WIDGET, metadata: { labels: secret({ [WRONG]: 'a' }) } }, 'metadata', 'metadata.labels'],
  ['the key of an annotation', { ...WIDGET, metadata: { annotations: secret({ [WRONG]: 'a' }) } }, 'metadata', 'metadata.annotations'],
  ['the key of data', { ...CONFIG_MAP, data: secret({ [WRONG]: 'a' }) }, 'data', 'data'],
  ['the key of binary data', { ...CONFIG_MAP, binaryData: secret({ '..a': 'a' }) }, 'binaryData', 'binaryData'],
  ['the key of data of a Secret', { ...SECRET, stringData: secret({ [WRONG]: 'a' }) }, 'stringData', 'stringData'],
])('%s, which the API server would quote, is refused without being shown', async (_, manifest, field, told) => {
  const failure = known(manifest, field).catch((error: unknown) => (error as Error).message);
  const message = await failure;
  expect(message).toMatch(new RegExp(`^ManifestResource 'site/x' has 1 problem:\n {2}- ${told.replace('.', '\\.')}(\\.a)?: given \\(a secret, not shown\\);`));
  expect(message).not.toContain(WRONG);
}); // prettier-ignore

test.each<[string, object, string, unknown]>([
  ['a wrong value that is no secret: the API server may quote it', { ...WIDGET, metadata: { labels: { a: output(WRONG) } } }, 'metadata', { labels: { a: WRONG } }],
  ['a secret that is a label', { ...WIDGET, metadata: { labels: { a: secret('b') } } }, 'metadata', { labels: { a: 'b' } }],
  ['what an annotation holds', { ...WIDGET, metadata: { annotations: { a: secret(WRONG) } } }, 'metadata', { annotations: { a: WRONG } }],
  ['what data holds', { ...SECRET, stringData: secret({ a: WRONG }) }, 'stringData', { a: WRONG }],
  ['other metadata', { ...WIDGET, metadata: { name: secret(WRONG), labels: 5 } }, 'metadata', { name: WRONG, labels: 5 }],
  ['metadata that is none', { ...WIDGET, metadata: secret({ labels: { a: WRONG } }) }, 'metadata', { labels: { a: WRONG } }],
  ['data of a kind of somebody else', { ...WIDGET, data: secret({ [WRONG]: 'a' }) }, 'data', { [WRONG]: 'a' }],
  ['data of another kind of that API', { apiVersion: 'v1', kind: 'Widget', data: secret({ [WRONG]: 'a' }) }, 'data', { [WRONG]: 'a' }],
  ['data of a ConfigMap of somebody else', { ...CONFIG_MAP, apiVersion: 'example.org/v1', data: secret({ [WRONG]: 'a' }) }, 'data', { [WRONG]: 'a' }],
])('goes on as it is: %s', async (_, manifest, field, value) => {
  expect(await known(manifest, field)).toEqual(value);
}); // prettier-ignore

test('an object gets no field that it has not', () => {
  const manifest = { ...SECRET, metadata: { name: 'a' } };
  expect(withQuotedChecked('site/x', manifest)).toEqual(manifest);
  expect(Object.keys(withQuotedChecked('site/x', manifest))).toEqual(['apiVersion', 'kind', 'metadata']);
});

test('a secret stays one', async () => {
  const { metadata } = withQuotedChecked('site/x', { ...WIDGET, metadata: { labels: { a: secret('b') } } });
  expect(await settled(output(metadata as { labels: unknown }))).toMatchObject({ isSecret: true });
});

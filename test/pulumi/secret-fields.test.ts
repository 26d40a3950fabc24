import * as pulumi from '@pulumi/pulumi';
import { secretOutputs, withSecretsHidden } from '../../lib/pulumi/secret-fields';
import { Engine, settled } from './mocks';

let engine: Engine;
beforeEach(async () => {
  engine = await Engine.start();
});
afterEach(() => engine.settle());

const geheim = pulumi.secret('geheim');
const SECRET = { apiVersion: 'v1', kind: 'Secret' };
const metadata = { name: 's', namespace: 'default' };

/** What a field is, or the error of it: as whoever waits for it is told. */
async function known(value: unknown): Promise<unknown> {
  return (await settled(pulumi.output(value))).value;
}

describe('what the state hides', () => {
  test.each<[string, object, boolean, string[]]>([
    ['of a Secret', SECRET, false, ['data', 'stringData', 'metadata', 'status']],
    [
      'of another kind that is called so',
      { apiVersion: 'example.org/v1', kind: 'Secret', data: { a: 'b' } },
      false,
      [],
    ],
    ['of another kind of that API', { apiVersion: 'v1', kind: 'ConfigMap', data: { a: 'b' } }, false, []],
    ['with an Output deep in it', { kind: 'Widget', spec: { list: [{ a: geheim }] } }, false, ['spec', 'metadata', 'status']], // prettier-ignore
    ['with a promise in it', { kind: 'Widget', spec: Promise.resolve({}) }, false, ['spec', 'metadata', 'status']],
    ['with nothing in it', { kind: 'Widget', spec: null, other: undefined, number: 5 }, false, []],
    ['of a Node', { kind: 'Node' }, false, ['metadata', 'spec', 'status', 'data', 'stringData']],
    ['of what is patched', { kind: 'Seed' }, true, ['metadata', 'spec', 'status', 'data', 'stringData']],
  ])('%s', (_, manifest, isPatch, fields) => {
    expect(secretOutputs(manifest as Record<string, unknown>, isPatch)).toEqual(fields);
  });
});

describe('a Secret', () => {
  test('has its data hidden, and only what it has', async () => {
    const hidden = withSecretsHidden('site/s', { ...SECRET, metadata, data: { a: 'b' }, stringData: undefined, type: 'Opaque' }); // prettier-ignore
    expect(await settled(hidden.data as pulumi.Output<unknown>)).toMatchObject({ value: { a: 'b' }, isSecret: true });
    expect(hidden).toMatchObject({ ...SECRET, metadata, type: 'Opaque' });
    expect(hidden.stringData).toBeUndefined();
  });

  test.each<[string, object, string]>([
    ['an annotation', { metadata: { ...metadata, annotations: { a: geheim } } }, 'metadata.annotations.a'],
    ['all annotations', { metadata: { ...metadata, annotations: pulumi.secret({ a: 'b' }) } }, 'metadata.annotations'],
    ['an item of a list', { metadata: { ...metadata, finalizers: ['a', geheim] } }, 'metadata.finalizers[1]'],
    ['its type', { metadata, type: geheim }, 'type'],
  ])('in which %s is a secret is refused, because Pulumi shows that', async (_, fields, field) => {
    const hidden = withSecretsHidden('site/s', { ...SECRET, ...fields });
    const first = field.split('.')[0]!;
    await expect(known(hidden[first])).rejects.toThrow(
      `ManifestResource 'site/s' has 1 problem:\n  - ${field}: given (a secret, not shown); allowed: what is not secret`,
    );
  });

  test('may have Outputs that are no secrets, anywhere', async () => {
    const annotations = { a: pulumi.output('known'), b: 5 };
    const hidden = withSecretsHidden('site/s', { ...SECRET, metadata: { ...metadata, annotations } });
    expect(await known(hidden.metadata)).toEqual({ ...metadata, annotations: { a: 'known', b: 5 } });
  });
});

describe('an object of another kind', () => {
  test('may have secrets anywhere but in its name and namespace', async () => {
    const labels = { a: geheim };
    const widget = { apiVersion: 'example.org/v1', kind: 'Secret', metadata: { ...metadata, labels }, data: { a: geheim }, type: geheim }; // prettier-ignore
    const hidden = withSecretsHidden('site/w', widget);
    expect(await known(hidden)).toEqual({
      ...widget,
      metadata: { ...metadata, labels: { a: 'geheim' } },
      data: { a: 'geheim' },
      type: 'geheim',
    });
  });

  test.each(['name', 'namespace'])('of which the %s is a secret is refused', async (field) => {
    const hidden = withSecretsHidden('site/w', { kind: 'Widget', metadata: { ...metadata, [field]: geheim } });
    await expect(known(hidden.metadata)).rejects.toThrow(
      `ManifestResource 'site/w' has 1 problem:\n  - metadata.${field}: given (a secret, not shown); allowed: a name that is not secret.`,
    );
  });

  test('has no namespace if none was given', () => {
    const named = { kind: 'Widget', metadata: { name: 'w' } };
    expect(withSecretsHidden('site/w', named).metadata as object).not.toHaveProperty('namespace');
    expect(withSecretsHidden('site/w', { kind: 'Widget' })).toEqual({ kind: 'Widget' });
  });
});

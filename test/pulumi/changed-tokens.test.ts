import * as pulumi from '@pulumi/pulumi';
import { ApiObject, App, Chart } from 'cdk8s';
import { OutputTokens } from '../../lib/pulumi';
import { Substitution } from '../../lib/pulumi/substitution';
import { applying } from '../../lib/core/placeholders/applying';
import { derive } from '../../lib/core/placeholders/placeholder';
import { Engine, settled } from './mocks';

let chart: Chart;
let tokens: OutputTokens;
let other: OutputTokens;
let objects = 0;
beforeEach(async () => {
  await Engine.start();
  [chart, tokens] = app('site');
  [, other] = app('other');
});

function app(name: string): [Chart, OutputTokens] {
  const made = new Chart(new App(), name);
  return [made, OutputTokens.of(made)];
}

/** What Pulumi gets for a field. */
function given(value: unknown): pulumi.Output<unknown> {
  const fields = { apiVersion: 'example.org/v1', kind: 'Widget', metadata: { name: 'widget' }, given: value };
  const object = new ApiObject(chart, `object-${objects++}`, fields);
  const manifest = applying(() => object.toJson() as unknown);
  const { given: found } = new Substitution(chart).substitute(manifest, object.node.path) as { given: unknown };
  return pulumi.output(found);
}

const valueOf = async (value: unknown): Promise<unknown> => (await settled(given(value))).value;
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const CHANGED = /given: given a token that was truncated, altered or used in a computation; allowed: a token as/;
const ENCODED = /given: given a token within a string that was encoded, other than as base64 .* in 'stringData'\./;

describe('a number that was computed with', () => {
  const number = (value = 3): number => tokens.asNumber(pulumi.output(value));
  const computations: [string, () => number][] = [
    ['n + 1', () => number() + 1],
    ['n - 1', () => number() - 1],
    ['n + 65535', () => number() + 65_535],
    ['n + 4 Gi', () => number() + 2 ** 32],
    ['n * 2', () => number() * 2],
    ['n * 1.5', () => number() * 1.5],
    ['n * 1000', () => number() * 1000],
    ['n * 1024 * 1024', () => number() * 1024 * 1024],
    ['n * 1e9', () => number() * 1e9],
    ['-n', () => -number()],
    ['1 - n', () => 1 - number()],
    ['n / 2', () => number() / 2],
    ['n / 7', () => number() / 7],
    ['n / 1000', () => number() / 1000],
    ['n / 86400, rounded', () => Math.ceil(number() / 86_400)],
    ['3/4 of n, rounded', () => Math.floor(number() * 0.75)],
    ['n + m', () => number() + number(4)],
    ['n - m', () => number() - number(4)],
    ['n * m', () => number() * number(4)],
  ];

  test.each(computations)('%s is refused, as a number and within a text', (_, compute) => {
    const computed = compute();
    expect(() => given(computed)).toThrow(CHANGED);
    expect(() => given([`limit ${computed};`])).toThrow(
      /given\[0\]: given a token that was truncated, altered or used in a computation/,
    );
    expect(() => given({ [`${computed}`]: 'x' })).toThrow(/a key of given: given a token that was truncated/);
  });

  test('is no other number of the program', async () => {
    const numbers = Array.from({ length: 300 }, (_, index) => number(index));
    expect(new Set(numbers).size).toBe(300);
    expect(numbers.every((each) => Number.isSafeInteger(each) && !numbers.includes(each + 1))).toBe(true);
    expect(await Promise.all(numbers.map(valueOf))).toEqual(numbers.map((_, index) => index));
  });

  test.each([
    ...[Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, -(2 ** 53), 2 ** 53, -(2 ** 63), 2 ** 63, Number.MAX_VALUE],
    ...[
      Number.MIN_VALUE,
      -Number.MAX_VALUE,
      0,
      1,
      -1,
      2,
      0.5,
      1e21,
      1e15,
      -1e15,
      1_793_000_000_000,
      1_793_000_000_000_000,
    ],
    ...[2 ** 31, -(2 ** 31), 2 ** 32, 2 ** 40, 2 ** 50, -(2 ** 52), 65_535, 86_400_000],
  ])('%d is a number as any other', async (plain) => {
    for (let index = 0; index < 30; index++) number(index);
    expect(await valueOf(plain)).toBe(plain);
    expect(await valueOf(`<${plain}>`)).toBe(`<${plain}>`);
  });
});

test('a number in a text is a text there', async () => {
  const number = tokens.asNumber(pulumi.output(7));
  expect(await valueOf(String(number))).toBe('7');
  expect(await valueOf(`${number}Mi`)).toBe('7Mi');
  expect(await valueOf(`80${number}`)).toBe('807');
  expect(await valueOf({ [`${number}`]: number })).toEqual({ 7: 7 });
});

describe('text that nobody made a token of', () => {
  test.each([
    'pulumi-output-0-value',
    'see pulumi-output-1.txt',
    'pulumi-derived-0123456789abcdef-value',
    'pulumi-aaaaaaaaaa-aaaaaa-0-aaaaaaaaaa',
    '-9007199254740991',
    '-9007199254000000',
    '9007199254740993',
    base64('pulumi-output-0-value'),
  ])('%s stays as it is, in files too', async (plain) => {
    tokens.asString(pulumi.secret('geheim'));
    tokens.asNumber(pulumi.secret(7));
    expect(await valueOf(plain)).toBe(plain);
    expect(App.of(chart).synthYaml()).toContain(plain);
  });
});

test('what is neither text nor number has no place within a text', async () => {
  const within = (value: unknown): pulumi.Output<unknown> =>
    given(`<${tokens.asString(pulumi.output(value as never))}>`);
  for (const value of [{}, ['a'], null])
    await expect(settled(within(value))).rejects.toThrow(
      'given: given an Output that is neither a string nor a number, within a string;',
    );
  expect((await settled(within(true))).value).toBe('<true>');
});

describe('a text that was encoded', () => {
  const VALUE = 'Geheimnis: ä"\n€';
  const token = (): string => tokens.asString(pulumi.secret(VALUE));

  test.each(['', 'a', 'ab', 'user:', 'Größe '])(
    'as base64 behind "%s" is encoded anew with the value',
    async (before) => {
      for (const after of ['', '@', '@d', '@db']) {
        const result = await settled(given(base64(before + token() + after)));
        expect(result).toEqual({ value: base64(before + VALUE + after), isSecret: true, isKnown: true });
      }
    },
  );

  test('within another text that was, and beside tokens that were not', async () => {
    const config = (password: string): string =>
      base64(JSON.stringify({ auths: { 'a.example': { auth: base64(`user:${password}`) } } }));
    const secret = tokens.asString(pulumi.output('s3cret'));
    expect(await valueOf(config(secret))).toBe(config('s3cret'));
    const header = (text: string): string => `<${text}> Basic ${base64(`user:${text}`)}, ${base64(text)}`;
    expect(await valueOf(header(token()))).toBe(header(VALUE));
    expect(await valueOf({ [base64(secret)]: 'x' })).toEqual({ [base64('s3cret')]: 'x' });
    const port = (number: number): string => base64(`{"port":${number}}`);
    expect(await valueOf(port(tokens.asNumber(pulumi.output(8080))))).toBe(port(8080));
  });

  test.each<[string, (text: string) => string]>([
    ['base64 without padding', (text) => base64(`${text}.`).replace(/=+$/, '')],
    ['base64 behind other letters', (text) => `a${base64(text)}`],
    ['base64 with bytes that are no text', (text) => Buffer.concat([Buffer.from([255, 254, 253]), Buffer.from(text)]).toString('base64')], // prettier-ignore
  ])('as %s is refused', (_, encode) => {
    // Of a length that needs padding.
    const text = `${token()}${'x'.repeat((4 - (token().length % 3)) % 3)}`;
    expect(() => given(encode(text))).toThrow(ENCODED);
  });

  test.each<[string, (text: string) => string]>([
    ['in capitals', (text) => text.toUpperCase()],
    ['cut off at the end', (text) => text.slice(0, 15)],
    ['cut off at the beginning', (text) => text.slice(-9)],
    ['in hexadecimal digits', (text) => Buffer.from(text).toString('hex')],
    ['in capital hexadecimal digits', (text) => Buffer.from(text).toString('hex').toUpperCase()],
    ['backwards', (text) => Array.from(text).reverse().join('')],
    ['cut off, then as base64', (text) => base64(text.slice(0, -1))],
  ])('%s is refused, and not written to files', (_, change) => {
    expect(() => given(change(token()))).toThrow(CHANGED);
    expect(() => given({ [change(token())]: 'x' })).toThrow(/a key of given: given a token that was truncated/);
    expect(() => App.of(chart).synthYaml()).toThrow(
      /has a Pulumi Output in given.*has a Pulumi Output in a key of given/s,
    );
  });

  test('as base64 or by computing is not written to files', () => {
    const number = tokens.asNumber(pulumi.output(7));
    for (const value of [base64(`user:${token()}`), number, number + 1, `${number * 2}`, { [number]: 'x' }]) {
      const [files, own] = app('files');
      expect(own).not.toBe(tokens);
      new ApiObject(files, 'map', {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'map' },
        data: value as object,
      });
      expect(() => App.of(files).synthYaml()).toThrow(/has a Pulumi Output in (a key of )?data/);
    }
  });
});

describe('a token from another app', () => {
  test.each<[string, () => unknown]>([
    ['text', () => other.asString(pulumi.output('A'))],
    ['text in a text', () => `<${other.asString(pulumi.output('A'))}>`],
    ['number', () => other.asNumber(pulumi.output(1))],
    ['number in a text', () => `:${other.asNumber(pulumi.output(1))}`],
    ['what is computed later', () => derive('test', other.asString(pulumi.output('A')), (known) => known)],
    ['text as base64', () => base64(other.asString(pulumi.output('A')))],
    ['key', () => ({ [other.asString(pulumi.output('A'))]: 'x' })],
  ])('is refused as %s, though this app has as many', (_, value) => {
    for (let index = 0; index < 3; index++) {
      tokens.asString(pulumi.output(`Z${index}`));
      tokens.asNumber(pulumi.output(index));
    }
    expect(() => given(value())).toThrow(/given: given a token from another app; allowed/);
  });

  test('is refused when both apps have charts of one name', () => {
    const [, twin] = app('site');
    tokens.asString(pulumi.output('Z'));
    expect(() => given(twin.asString(pulumi.output('A')))).toThrow('given: given a token from another app;');
  });
});

describe('what tokens look like', () => {
  const look = async (secrets: Record<string, string>): Promise<[string, number]> => {
    await Engine.start();
    pulumi.runtime.setAllConfig({ 'project:level': 'L4', ...secrets }, Object.keys(secrets));
    [, tokens] = app('site');
    return [tokens.asString(pulumi.output('x')), tokens.asNumber(pulumi.output(1))];
  };
  afterEach(() => {
    pulumi.runtime.setAllConfig({}, []);
  });

  test('is the same in each run, because others may make hashes of them', async () => {
    expect(await look({ 'project:kubeconfig': 'geheim' })).toEqual(await look({ 'project:kubeconfig': 'geheim' }));
  });

  test('is the same in whatever order the engine tells the configuration', async () => {
    const one = await look({ 'project:a': 'geheim', 'project:b': 'auch', 'project:c': 'noch' });
    expect(await look({ 'project:c': 'noch', 'project:b': 'auch', 'project:a': 'geheim' })).toEqual(one);
    expect(await look({ 'project:b': 'auch', 'project:c': 'noch', 'project:a': 'geheim' })).toEqual(one);
  });

  test('nobody knows who does not know the secrets of the stack', async () => {
    const [text, number] = await look({ 'project:kubeconfig': 'geheim' });
    const [otherText, otherNumber] = await look({ 'project:kubeconfig': 'anders' });
    expect([otherText, otherNumber]).not.toEqual([text, number]);
    expect(text.split('-')[1]).not.toBe(otherText.split('-')[1]);
  });

  test('is a DNS label and a safe whole number', async () => {
    const [text, number] = await look({});
    expect(text).toMatch(/^[a-z][a-z0-9-]{0,61}[a-z0-9]$/);
    expect(derive('test', text, (known) => known)).toMatch(/^[a-z][a-z0-9-]{0,61}[a-z0-9]$/);
    expect(Number.isSafeInteger(number)).toBe(true);
  });
});

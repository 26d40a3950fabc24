import * as pulumi from '@pulumi/pulumi';
import { reasonOf, within } from '../../lib/pulumi/answers';
import { Patience } from '../../lib/pulumi/patience';
import { Engine } from './mocks';

let engine: Engine;
let log: pulumi.Resource;
let info: jest.SpyInstance;
beforeEach(async () => {
  engine = await Engine.start();
  log = new pulumi.ComponentResource('a:b:C', 'c');
  await engine.settle();
  info = jest.spyOn(pulumi.log, 'info').mockResolvedValue();
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
  info.mockRestore();
});

const told = (): unknown[] => info.mock.calls.map(([message]) => message as unknown);

test('it is over when the time is, not before', () => {
  const patience = new Patience(log, 10);
  expect(patience.isOver).toBe(false);
  jest.advanceTimersByTime(9_999);
  expect(patience.isOver).toBe(false);
  jest.advanceTimersByTime(1);
  expect(patience.isOver).toBe(true);
});

test.each([
  ['is waited for no longer than half a minute', 0, 30_000],
  ['is waited for as long as there is time', 45_000, 15_000],
  ['is waited for as long as a question takes, at the end', 59_500, 2_000],
  ['is waited for as long as a question takes, after the end', 70_000, 2_000],
])('an answer %s', (_, passed, milliseconds) => {
  const patience = new Patience(log, 60);
  jest.advanceTimersByTime(passed);
  expect(patience.forAnswer).toBe(milliseconds);
});

test('news are told at once; what is none, before the silence gets long', async () => {
  const patience = new Patience(log, 60);
  await patience.tell('waiting for a');
  jest.advanceTimersByTime(24_999);
  await patience.tell('waiting for a');
  expect(told()).toEqual(['waiting for a']);
  jest.advanceTimersByTime(1);
  await patience.tell('waiting for a');
  jest.advanceTimersByTime(1_000);
  await patience.tell('waiting for a');
  await patience.tell('waiting for b');
  expect(told()).toEqual(['waiting for a', 'waiting for a (25 of 60 seconds)', 'waiting for b']);
  expect(info.mock.calls.every(([, of]) => of === log)).toBe(true);
});

test('that something has come is told to whom it was told that it had not, and once', async () => {
  const patience = new Patience(log, 60);
  await patience.done('a is there');
  expect(told()).toEqual([]);
  await patience.tell('waiting for a');
  await patience.done('a is there');
  await patience.done('b is there');
  expect(told()).toEqual(['waiting for a', 'a is there']);
  // It is news again.
  await patience.tell('waiting for a');
  expect(told()).toHaveLength(3);
});

test.each([
  ['for two seconds', 0, 2_000],
  ['no longer than the rest of the time', 59_400, 600],
  ['not at all after the end', 61_000, 0],
])('it pauses %s', async (_, passed, milliseconds) => {
  const patience = new Patience(log, 60);
  jest.advanceTimersByTime(passed);
  let isOver = false;
  void patience.pause().then(() => (isOver = true));
  if (milliseconds > 0) {
    await jest.advanceTimersByTimeAsync(milliseconds - 1);
    expect(isOver).toBe(false);
  }
  await jest.advanceTimersByTimeAsync(1);
  expect(isOver).toBe(true);
});

describe('an answer', () => {
  test('that comes in time leaves nothing that keeps the program from ending', async () => {
    expect(await within(1000, Promise.resolve('a'))).toBe('a');
    expect(jest.getTimerCount()).toBe(0);
    await expect(within(1000, Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(jest.getTimerCount()).toBe(0);
  });

  test('that does not come is given up, which is told in seconds', async () => {
    const given = within(29_600, new Promise(() => undefined)).catch((error: unknown) => (error as Error).message);
    await jest.advanceTimersByTimeAsync(29_600);
    expect(await given).toBe('no answer in 30 seconds');
  });
});

test.each<[string, unknown, string]>([
  ['a status', Object.assign(new Error('HTTP-Code: 403 Body: a secret'), { code: 403 }), '403'],
  [
    'a code of the network',
    Object.assign(new Error('https://user:key@host'), { code: 'ECONNREFUSED' }),
    'ECONNREFUSED',
  ],
  ['a message, of which the first line is told', new Error('no answer\nHeaders: a secret'), 'no answer'],
  ['an empty message', new Error(''), ''],
  ['a code of another kind', Object.assign(new Error('broken'), { code: { secret: 'x' } }), 'broken'],
  ['something that is no error', { body: 'a secret' }, 'no answer'],
])('a reason is short and shows no body: %s', (_, error, reason) => {
  expect(reasonOf(error)).toBe(reason);
});

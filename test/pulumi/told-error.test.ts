import * as pulumi from '@pulumi/pulumi';
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { App, Chart } from 'cdk8s';
import { EdgeConstructsError, KinsCluster } from '../../lib';
import '../../lib/pulumi';
import { ToldError } from '../../lib/pulumi/told-error';

const wrong = (): EdgeConstructsError => {
  try {
    new KinsCluster(new Chart(new App(), 'site'), 'shop', {});
  } catch (error) {
    if (error instanceof EdgeConstructsError) return error;
  }
  throw new Error('a unit without nodes was not refused');
};

test('Pulumi takes errors of this library for such that it tells by their message alone', () => {
  expect(pulumi.RunError.isInstance(new ToldError('x'))).toBe(true);
  expect(pulumi.RunError.isInstance(wrong())).toBe(true);
  expect(Object.keys(wrong())).not.toContain('__pulumiRunError');
});

test('an error that arises in an apply is inspected at once', () => {
  // As the SDK does with each error; in a process of its own, which takes all memory when it goes wrong.
  const program = `
    const pulumi = require('@pulumi/pulumi');
    const { ToldError } = require('./lib/pulumi/told-error.ts');
    require('./lib/pulumi');
    const { EdgeConstructsError } = require('./lib');
    pulumi.runtime.setMocks({ newResource: () => ({}), call: () => ({}) });
    process.on('unhandledRejection', (error) => console.log(require('util').inspect(error, { colors: true })));
    const make = [() => new ToldError('told'), () => new EdgeConstructsError('a', 'b', [])];
    for (const each of make) pulumi.output('x').apply(() => { throw each(); });
  `;
  const args = ['--enable-source-maps', '--max-old-space-size=200', '--require', 'tsx/cjs', '--eval', program];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, {
    cwd: resolve(__dirname, '../..'),
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/told\n[^]*b 'a' has 0 problems/);
  expect(stdout).not.toContain('@pulumi/output');
});

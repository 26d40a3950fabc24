import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, SHELLS } from './support/run';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clock-'));
  writeFileSync(join(folder, 'uptime'), '1000.99 2000.00\n');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** So many seconds later. */
const at = (seconds: number): string => `echo "${seconds}.50 0.00" >uptime`;

describe.each(SHELLS)('in %s', (shell) => {
  const said = async (program: string, env = { UPTIME: `${folder}/uptime` }): Promise<string> =>
    (await run(shell, ['clock'], program, { cwd: folder, env })).output;
  const IS_PAST = 'if is_past "$end"; then echo past; else echo to come; fi';

  test('whole seconds are counted since the machine was switched on', async () => {
    expect(await said('uptime_seconds')).toBe('1000\n');
  });

  test('a moment has come once so many seconds have passed, and not before', async () => {
    const program = `end=$(seconds_from_now 5); ${[1004, 1005, 1006].map((now) => `${at(now)}; ${IS_PAST}`).join('; ')}`;
    expect(await said(program)).toBe('to come\npast\npast\n');
  });

  test('where there is no clock every moment has come: nobody waits for ever', async () => {
    const program = `end=$(seconds_from_now 5) || echo no clock; ${IS_PAST}`;
    expect(await said(program, { UPTIME: `${folder}/missing` })).toBe('no clock\npast\n');
    expect(await said(`end=$(seconds_from_now 5); rm uptime; ${IS_PAST}`)).toBe('past\n');
  });

  test('by itself it is the clock of the machine', async () => {
    const [uptime, own] = (await said('read -r up _ </proc/uptime; echo "${up%.*}"; unset UPTIME; uptime_seconds')).split('\n');
    expect([Number(uptime), Number(uptime) + 1, Number(uptime) + 2]).toContain(Number(own));
  }); // prettier-ignore
});

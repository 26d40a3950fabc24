// A copy of the checkout in which tests run, and their runs.
import { spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');
const COPIED = ['lib', 'test', 'scripts', 'examples', 'docs', 'package.json', 'jest.config.js', 'tsconfig.json'];

export const PASSED = 'passed';
export const FAILED = 'failed';
export const TIMED_OUT = 'timed out';

export class Copy {
  constructor(folder) {
    this.folder = folder;
    for (const name of COPIED) cpSync(join(ROOT, name), this.at(name), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), this.at('node_modules'));
    mkdirSync(this.at('tmp'));
  }

  at(path) {
    return join(this.folder, path);
  }

  /**
   * Runs suites, or those of their tests that are given by suite, and tells how that ended and what failed.
   *
   * @param tests names of tests by the base names of their suites
   */
  async run(suites, { limitMs, tests, env = {} }) {
    const list = this.at('tests.json');
    if (tests !== undefined) writeFileSync(list, JSON.stringify(tests));
    const child = spawn(
      this.at('node_modules/.bin/jest'),
      ['-c', 'scripts/mutate/shell-jest.config.js', '--runInBand', '--watchman=false'],
      {
        cwd: this.folder,
        env: {
          ...process.env,
          MUTATE_SUITES: suites.join(' '),
          TMPDIR: this.at('tmp'),
          // A sample may have none of the tests in dash, and what is left to catch may be a matter of the moment of a cut.
          TEST_SAMPLE: 'many',
          ...(tests === undefined ? {} : { MUTATE_TESTS: list }),
          ...env,
        },
        stdio: ['ignore', 'ignore', 'pipe'],
        timeout: limitMs,
        killSignal: 'SIGKILL',
      },
    );
    this.child = child;
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text) => (said += text));
    const [code, signal] = await new Promise((done, fail) => {
      child.on('error', fail).on('exit', (...outcome) => done(outcome));
    });
    this.clear();
    // A test that has its own limit tells the same.
    const isLate = signal !== null || /^failed: [^]*Exceeded timeout of/m.test(said);
    return { outcome: code === 0 ? PASSED : isLate ? TIMED_OUT : FAILED, said };
  }

  /** Ends what runs in it, and leaves nothing of it. */
  end() {
    this.child?.kill('SIGKILL');
    this.clear();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Ends what tests have left running, which is known by its working folder or environment, and removes their files. */
  clear() {
    const tmp = this.at('tmp');
    const isThere = (path, text) => `${path}/`.startsWith(`${this.folder}/`) || text.includes(`=${tmp}/`);
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        if (!isThere(readlinkSync(`/proc/${pid}/cwd`), readFileSync(`/proc/${pid}/environ`, 'utf8'))) continue;
        process.kill(Number(pid), 'SIGKILL');
      } catch {
        // Somebody else's, or gone.
      }
    }
    rmSync(tmp, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    mkdirSync(tmp);
  }
}

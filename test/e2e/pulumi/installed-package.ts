import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './engine';

const MODULES = join(ROOT, 'node_modules');

/** A project that has the package installed, compiled from the sources as they are now. */
export class InstalledPackage {
  readonly project = mkdtempSync(join(tmpdir(), 'edge-constructs-installed-'));

  constructor() {
    const installed = join(this.project, 'node_modules', 'edge-constructs');
    mkdirSync(installed, { recursive: true });
    for (const each of ['lib', 'package.json', 'tsconfig.json', 'tsconfig.build.json']) {
      cpSync(join(ROOT, each), join(installed, each), { recursive: true });
    }
    symlinkSync(MODULES, join(installed, 'node_modules'));
    const compiler = join(MODULES, 'typescript/bin/tsc');
    execFileSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: installed, stdio: 'inherit' });
    for (const file of readdirSync(join(installed, 'lib'), { recursive: true, encoding: 'utf8' })) {
      if (/\.(sh|json)$/.test(file)) cpSync(join(installed, 'lib', file), join(installed, 'build', file));
    }
  }

  /** Copies a program in YAML from a folder of the repository; its component package is the installed one. */
  addProgram(folder: string): void {
    const text = readFileSync(join(folder, 'Pulumi.yaml'), 'utf8');
    const moved = text.replace('../../../lib/pulumi/plugin', './node_modules/edge-constructs/lib/pulumi/plugin');
    if (moved === text) throw new Error(`${folder} does not use the component package`);
    writeFileSync(join(this.project, 'Pulumi.yaml'), moved);
  }

  dispose(): void {
    rmSync(this.project, { recursive: true, force: true, maxRetries: 5 });
  }
}

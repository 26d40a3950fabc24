// Compiles lib/ into build/ and puts the shell scripts, which the library reads when it is loaded, beside it.
import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const build = join(root, 'build');

rmSync(build, { recursive: true, force: true });
execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
for (const file of readdirSync(join(root, 'lib'), { recursive: true })) {
  if (!/\.(sh|json)$/.test(file)) continue;
  cpSync(join(root, 'lib', file), join(build, file));
}

makeLazy(join(build, 'index.js'));

/**
 * Makes an index load a folder only when something of it is used. A program that declares nodes need not pay for reading
 * site files; the whole library is more than a hundred files, and loading them takes longer than loading cdk8s.
 */
function makeLazy(index) {
  const require = createRequire(index);
  const folders = [...readFileSync(index, 'utf8').matchAll(/__exportStar\(require\("([^"]+)"\)/g)].map(
    ([, path]) => path,
  );
  const names = new Map(folders.map((folder) => [folder, Object.keys(require(folder)).sort()]));
  const all = [...names.values()].flat();
  const missing = Object.keys(require(index)).filter((name) => !all.includes(name));
  if (missing.length > 0) throw new Error(`${index} exports ${missing.join(', ')} by itself: put them into a folder`);
  const lines = [
    '"use strict";',
    'Object.defineProperty(exports, "__esModule", { value: true });',
    'const lazily = (load, names) => {',
    '  for (const name of names) {',
    '    Object.defineProperty(exports, name, { enumerable: true, get: () => load()[name] });',
    '  }',
    '};',
    ...[...names].map(([folder, own]) => `lazily(() => require(${JSON.stringify(folder)}), ${JSON.stringify(own)});`),
    // Never runs: it tells Node's ECMAScript module loader the names.
    `0 && (module.exports = { ${all.join(', ')} });`,
  ];
  writeFileSync(index, `${lines.join('\n')}\n`);
}

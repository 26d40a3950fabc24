// Compiles lib/ into build/, with the shell scripts in it: what is published can be bundled into one file.
import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const build = join(root, 'build');

rmSync(build, { recursive: true, force: true });
execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
for (const file of readdirSync(join(root, 'lib'), { recursive: true })) {
  if (file.endsWith('.json')) cpSync(join(root, 'lib', file), join(build, file));
}
embedScripts();
fixLibraryHash();
for (const file of readdirSync(build, { recursive: true })) {
  if (file.endsWith('.d.ts')) allowUndefined(join(build, file));
}

makeLazy(join(build, 'index.js'));

/** Writes all scripts into the module that reads them. */
function embedScripts() {
  const paths = readdirSync(join(root, 'lib'), { recursive: true }).filter((path) => path.endsWith('.sh'));
  const texts = Object.fromEntries(paths.sort().map((path) => [path, readFileSync(join(root, 'lib', path), 'utf8')]));
  replaceModule(
    'shell/read',
    `const texts = ${JSON.stringify(texts, undefined, 2)};
exports.readScript = (path) => {
  if (!Object.hasOwn(texts, path)) throw new Error(\`\${path} is no script of this library\`);
  return texts[path];
};`,
  );
}

/**
 * Makes `x?: T` of types `x?: T | undefined`, which is what is meant: under exactOptionalPropertyTypes, what a site does not
 * have could be passed on to no construct otherwise.
 */
function allowUndefined(file) {
  const text = readFileSync(file, 'utf8');
  const inserted = [];
  const visit = (node) => {
    if (isPropertyLike(node) && node.questionToken !== undefined && node.type !== undefined) {
      const isOpen = ts.isFunctionTypeNode(node.type) || ts.isConstructorTypeNode(node.type);
      if (isOpen) inserted.push([node.type.getStart(), '(']);
      inserted.push([node.type.end, `${isOpen ? ')' : ''} | undefined`]);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true));
  const whole = inserted
    .sort(([a], [b]) => b - a)
    .reduce((to, [at, what]) => to.slice(0, at) + what + to.slice(at), text);
  writeFileSync(file, whole);
}

function isPropertyLike(node) {
  return ts.isPropertySignature(node) || ts.isPropertyDeclaration(node);
}

/** What would hash the files of the library gets their hash as it is now. */
function fixLibraryHash() {
  const require = createRequire(join(build, 'index.js'));
  const hash = require('./fleet/skip-unchanged/library-hash.js').hashOfLibrary();
  replaceModule('fleet/skip-unchanged/library-hash', `exports.hashOfLibrary = () => ${JSON.stringify(hash)};`);
}

/** Keeps the module's types; its source map would lead elsewhere. */
function replaceModule(name, text) {
  const file = join(build, `${name}.js`);
  if (!readFileSync(file, 'utf8').includes('__dirname')) throw new Error(`${file} reads no files`);
  writeFileSync(file, `"use strict";\nObject.defineProperty(exports, "__esModule", { value: true });\n${text}\n`);
  rmSync(`${file}.map`);
}

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

// Fails when a guide, a decision or CONTRIBUTING.md names a file that is not there: by a link, with the heading that it leads
// to, or as the path of a file in code, as `lib/kins/model.ts`. Paths of tests may leave out test/ and the ending.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, posix } from 'node:path';

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && existsSync(file));
const paths = new Set(files.flatMap((file) => [file, ...foldersOf(file)]));
const guides = files.filter((file) => file.endsWith('.md') && !file.startsWith('docs/api/'));
const texts = new Map(guides.map((file) => [file, readFileSync(file, 'utf8').replace(/^```[^]*?^```$/gm, '')]));

function foldersOf(file) {
  const folder = dirname(file);
  return folder === '.' ? [] : [folder, ...foldersOf(folder)];
}

/** The anchors that GitHub gives to the headings of a text. */
function anchorsOf(text) {
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function* brokenLinks(file, text) {
  for (const [, link] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/.test(link)) continue;
    const [path, anchor] = link.split('#');
    const target = path === '' ? file : posix.join(dirname(file), path).replace(/\/$/, '');
    if (!paths.has(target)) yield `${link}: there is no ${target}`;
    else if (anchor !== undefined && texts.has(target) && !anchorsOf(texts.get(target)).includes(anchor))
      yield `${link}: ${target} has no such heading`;
  }
}

const isFolder = (path) => paths.has(path) && !files.includes(path);

function* brokenPaths(text) {
  for (const [, code] of text.matchAll(/`([\w.@-]+(?:\/[\w.@-]+)+)\/?`/g)) {
    const [first] = code.split('/');
    if (!isFolder(first) && !isFolder(`test/${first}`)) continue;
    const known = [code, `${code}.ts`, `test/${code}`, `test/${code}.test.ts`].some((path) => paths.has(path));
    if (!known) yield `${code}: there is no such file`;
  }
}

const wrong = [...texts].flatMap(([file, text]) =>
  [...brokenLinks(file, text), ...brokenPaths(text)].map((problem) => `${file}: ${problem}`),
);
const list = 'docs/decisions/README.md';
for (const file of guides.filter((each) => each.startsWith('docs/decisions/') && each !== list)) {
  if (!texts.get(list)?.includes(`](${posix.basename(file)})`)) wrong.push(`${list}: it does not list ${file}`);
}
if (wrong.length > 0) {
  console.error(wrong.join('\n'));
  process.exit(1);
}
console.log(`links: ${guides.length} guides name what is there`);

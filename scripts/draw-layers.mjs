// Draws the folders of lib/ and who imports whom into CONTRIBUTING.md. With --check it changes nothing, and fails when the
// picture there is not that of the imports.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const FILE = 'CONTRIBUTING.md';
const [BEGIN, END] = ['<!-- Drawn by npm run draw -->', '<!-- End of the drawing -->'];

/** Every module of lib/, with the modules of lib/ that it imports. */
function imports() {
  const cruise = 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs';
  const json = execFileSync(process.execPath, [cruise, 'lib', '--output-type', 'json'], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  const isOurs = (path) => path.startsWith('lib/');
  return JSON.parse(json)
    .modules.filter(({ source }) => isOurs(source))
    .map(({ source, dependencies }) => [source, dependencies.map(({ resolved }) => resolved).filter(isOurs)]);
}

/** The folder below lib/, or the file that is there without one. */
const placeOf = (path) => path.split('/')[1];

function placesOf(modules) {
  const places = new Map();
  const at = (path) => {
    const name = placeOf(path);
    if (!places.has(name)) places.set(name, { needs: new Set(), folders: new Set() });
    return places.get(name);
  };
  for (const [source, needed] of modules) {
    const [, , folder, file] = source.split('/');
    const place = at(source);
    if (file !== undefined) place.folders.add(folder);
    for (const each of needed) if (placeOf(each) !== placeOf(source)) place.needs.add(placeOf(each));
    for (const each of needed) at(each);
  }
  return places;
}

/** All that a place needs by way of others, itself included where it goes round in a circle. */
function reached(places, from, found = new Set()) {
  for (const each of places.get(from).needs) {
    if (found.has(each)) continue;
    found.add(each);
    reached(places, each, found);
  }
  return found;
}

/** What a place needs without what one of the others brings along: so that the layers can be seen. */
function direct(places, from) {
  const { needs } = places.get(from);
  const brought = new Set([...needs].flatMap((each) => [...reached(places, each)]));
  if (brought.has(from)) throw new Error(`lib/${from} goes round in a circle: npm run lint:layers`);
  return [...needs].filter((each) => !brought.has(each)).sort();
}

function draw(places) {
  const names = [...places.keys()].sort();
  const idOf = (name) => name.replace('.', '_');
  const boxes = names.map((name) => {
    const folders = [...places.get(name).folders].sort();
    return `  ${idOf(name)}["${[name, ...(folders.length > 0 ? [folders.join(', ')] : [])].join('<br/>')}"]`;
  });
  const arrows = names.flatMap((name) => direct(places, name).map((each) => `  ${idOf(name)} --> ${idOf(each)}`));
  return ['```mermaid', 'flowchart TD', ...boxes, ...arrows, '```'].join('\n');
}

const text = readFileSync(FILE, 'utf8');
const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
if (begin < 0 || end < begin) throw new Error(`${FILE} has no place for the drawing: a line '${BEGIN}', and '${END}'`);
const drawn = `${text.slice(0, begin)}${BEGIN}\n\n${draw(placesOf(imports()))}\n\n${text.slice(end)}`;
if (!process.argv.includes('--check')) {
  writeFileSync(FILE, drawn);
} else if (drawn !== text) {
  console.error(`The picture in ${FILE} is not that of the imports: run \`npm run draw\` and commit what it writes`);
  process.exit(1);
} else {
  console.log(`The picture in ${FILE} is that of the imports`);
}

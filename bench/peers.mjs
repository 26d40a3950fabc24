// The same objects by tools that others use: `helm template` and `kubectl kustomize`, where they are on PATH.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

const NAME = 'site-00000';

function run(command, args) {
  const start = performance.now();
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 2 ** 30 });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  return performance.now() - start;
}

function isOnPath(command, args) {
  return spawnSync(command, args).status === 0;
}

/** Milliseconds a site: overlays on one base, all in one call, which spares kustomize all starts but one. */
export function kustomize(siteFolder, folder, sites) {
  if (!isOnPath('kubectl', ['kustomize', '--help'])) return undefined;
  const base = join(folder, 'base');
  mkdirSync(base, { recursive: true });
  for (const file of ['cloud', 'machines'])
    writeFileSync(join(base, `${file}.yaml`), readFileSync(join(siteFolder, `${file}.k8s.yaml`)));
  writeFileSync(join(base, 'kustomization.yaml'), 'resources: [cloud.yaml, machines.yaml]\n');
  const names = Array.from({ length: sites }, (_, i) => `overlay-${i}`);
  for (const name of names) {
    mkdirSync(join(folder, name));
    writeFileSync(
      join(folder, name, 'kustomization.yaml'),
      `resources: [../base]\nnameSuffix: -${name}\nnamespace: ${name}\n`,
    );
  }
  mkdirSync(join(folder, 'all'));
  writeFileSync(
    join(folder, 'all/kustomization.yaml'),
    `resources: [${names.map((name) => `../${name}`).join(', ')}]\n`,
  );
  return run('kubectl', ['kustomize', join(folder, 'all')]) / sites;
}

/** Milliseconds a site: one chart with the site's name as its value, one call a site, as a fleet calls it. */
export function helm(siteFolder, folder, sites) {
  if (!isOnPath('helm', ['version'])) return undefined;
  mkdirSync(join(folder, 'templates'), { recursive: true });
  writeFileSync(join(folder, 'Chart.yaml'), 'apiVersion: v2\nname: site\nversion: 0.1.0\n');
  writeFileSync(join(folder, 'values.yaml'), 'site: none\n');
  for (const file of ['cloud', 'machines']) {
    const text = readFileSync(join(siteFolder, `${file}.k8s.yaml`), 'utf8').replaceAll('{{', '{{"{{"}}');
    writeFileSync(join(folder, 'templates', `${file}.yaml`), text.replaceAll(NAME, '{{ .Values.site }}'));
  }
  let ms = 0;
  for (let i = 0; i < sites; i++) ms += run('helm', ['template', folder, '--set', `site=site-${i}`]);
  return ms / sites;
}

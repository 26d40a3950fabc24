// Which folder may know which: `npm run lint:layers`. The picture in CONTRIBUTING.md is drawn from the same imports.
const LIB = '^lib/';

/** From the ground up: a folder knows those before it, and none of those after it. */
const layers = [
  ['shell'],
  ['core'],
  ['k3s', 'render'],
  ['device', 'superedge'],
  ['kkp', 'kins'],
  ['fleet'],
  ['pulumi'],
];

const above = layers.flatMap((folders, i) => {
  const later = layers.slice(i + 1).flat();
  return later.length === 0
    ? []
    : [
        {
          name: `${folders.join('-')}-knows-nothing-above`,
          severity: 'error',
          from: { path: `${LIB}(${folders.join('|')})/` },
          to: { path: `${LIB}(${later.join('|')})/` },
        },
      ];
});

module.exports = {
  forbidden: [
    {
      name: 'no-circle',
      comment: 'Two files that need each other are one file, or hide a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    ...above,
    {
      name: 'kkp-and-superedge-are-apart',
      comment: 'They meet in the programs of users.',
      severity: 'error',
      from: { path: `${LIB}(kkp|device)/` },
      to: { path: `${LIB}(superedge|kins)/` },
    },
    {
      name: 'superedge-and-kkp-are-apart',
      severity: 'error',
      from: { path: `${LIB}(superedge|kins|k3s)/` },
      to: { path: `${LIB}(kkp|device)/` },
    },
    {
      name: 'render-knows-no-sites',
      comment: 'It writes charts of any program.',
      severity: 'error',
      from: { path: `${LIB}render/` },
      to: { path: LIB, pathNot: `${LIB}(render|core)/` },
    },
    {
      name: 'product-needs-no-tests',
      severity: 'error',
      from: { path: LIB },
      to: { path: '^(test|bench|scripts|examples)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};

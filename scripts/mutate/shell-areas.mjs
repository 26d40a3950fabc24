/**
 * Areas of shell: the folder of their scripts, that of the suites which may notice a change, and all that these run. What scripts
 * share is an area of its own: its suites try what no script would notice.
 */
export const AREAS = {
  shell: { scripts: 'lib/shell', suites: 'test/shell', runs: ['lib/shell'] },
  kins: { scripts: 'lib/kins/scripts', suites: 'test/kins/scripts', runs: ['lib/shell', 'lib/kins/scripts'] },
  device: { scripts: 'lib/device/scripts', suites: 'test/device', runs: ['lib/shell', 'lib/device/scripts'] },
};

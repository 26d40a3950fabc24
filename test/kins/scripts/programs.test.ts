import { K3S_IMAGE_PROGRAMS } from '../../support/k3s-image';
import { statementsOf } from '../../support/shell-code';
import { SCRIPTS } from '../../../lib/kins/scripts';

/** What a POSIX shell does by itself. */
const BUILT_IN = new Set(
  `. : [ break case cd command continue done do echo else eval exec exit export false fi for if kill printf pwd read readonly
  return set shift test then times trap true ulimit umask unset wait while until esac in`.split(/\s+/),
);

/** Words that only say how the program after them is started. */
const STARTS_ANOTHER =
  /^(?:(?:command|exec|env|then|do|else|if|while|until|elif|!|\{|[A-Za-z_]\w*=(?:"[^"]*"|\S)*)(?:\s+|$))+/;

/** The programs that a script calls by name, also those that it starts within a namespace. */
function programsOf(text: string): Set<string> {
  const functions = new Set([...text.matchAll(/^\s*([a-z_0-9]+)\(\)/gm)].map(([, name]) => name));
  const withoutValues = text.replace(/\$\(\((?:[^()]|\([^()]*\))*\)\)|\$\{[^{}]*\}/g, '0');
  const words = statementsOf(withoutValues).flatMap(({ text: statement }) => {
    const [first, ...rest] = statement.replace(STARTS_ANOTHER, '').split(/\s+/);
    // With the mounts of the node, programs are the node's.
    const inside = rest.includes('--target') ? undefined : rest[rest.indexOf('--') + 1];
    if (first === 'timeout') return [first, rest[1]];
    return ['nsenter', 'plane', 'on_node'].includes(first ?? '') && inside !== undefined ? [first, inside] : [first];
  });
  return new Set(
    words.filter(
      (word): word is string =>
        word !== undefined && /^[a-z][\w.-]*$/.test(word) && !functions.has(word) && !BUILT_IN.has(word),
    ),
  );
}

test('a program that the image does not have is found, wherever it is called', () => {
  const script = `f() { grep a b; }
if ! f && unshare --net true; then x=$(pgrep -f k3s) || exit; fi
nsenter --net=a -- lsns | sort
timeout 3 nc a
`;
  expect([...programsOf(script)].filter((name) => !K3S_IMAGE_PROGRAMS.has(name))).toEqual([
    'unshare',
    'pgrep',
    'lsns',
    'nc',
  ]);
});

test.each(Object.entries(SCRIPTS))('the scripts of %s call no program that images of K3s do not have', (_, scripts) => {
  // Together: a script calls functions of those that it sources.
  const missing = [...programsOf(Object.values(scripts).join('\n'))].filter((name) => !K3S_IMAGE_PROGRAMS.has(name));
  expect(missing).toEqual([]);
});

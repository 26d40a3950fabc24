import { Yaml } from 'cdk8s';

/**
 * A text as YAML, or `undefined` when only the library can tell: it depends on more than the text.
 *
 * Everything here gives what `Yaml.stringify` of cdk8s gives, byte for byte. If a text is not obviously plain, cdk8s
 * decides, and the result is cached, because names, kinds and keys repeat in a fleet.
 */
export type Rendered = string | undefined;

/**
 * Texts that YAML 1.1 can read as nothing but a text: they start with a letter, `_` or `/`, have visible ASCII only,
 * and neither `: ` nor ` #` nor a blank or colon at the end. Words and exponents that YAML 1.1 reads otherwise are
 * excluded by {@link MAYBE_ANOTHER_TYPE}.
 */
const PLAIN = /^[A-Za-z_/](?:[!-9;-~]| (?=[ -"$-~])|:(?=[!-~]))*$/;
const ENDS_BLANK = / $/;
const MAYBE_ANOTHER_TYPE = /^(?:y|n|yes|no|on|off|true|false|null|e[-+]?[0-9]+)$/i;

const DOCUMENT_MARKER = /^(?:%|---|\.\.\.)/m;

/** Addresses and hashes: two dots, or a letter that numbers and dates don't have, make them texts. */
const PLAIN_WITH_DIGIT = /^(?:[0-9]+(?:\.[0-9]+){2,}(?:\/[0-9]+)?|[1-9][0-9a-e]*[acdf-su-y][0-9a-z]*)$/;

/** Texts that always need quotes, because they would be read as a map, a comment or a whole number. */
const QUOTED = /: | #|:$|^[0-9]+$/;
const VISIBLE = /^[ -~]+$/;

/** Texts of several lines that a literal block holds as they are: no control characters, no blanks at either end. */
const HAS_UNSAFE_FOR_BLOCK = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff]/;

/** Limits the memory for cached texts, because most texts of a fleet are names that do not repeat. */
const MOST_REMEMBERED = 50_000;
const LONGEST_REMEMBERED = 256;

/** Scripts and configuration files, which are the same at every site. */
const MOST_BLOCKS = 200;
const blocks = new Map<string, { readonly indent: string; readonly rendered: string }>();

const values = new Map<string, Rendered>();
const keys = new Map<string, Rendered>();

/** A text as the value of a map or the item of a list; `indent` is that of the lines of a block. */
export function yamlText(text: string, indent: string): Rendered {
  if (text.length > LONGEST_REMEMBERED) return yamlLongText(text, indent);
  const known = values.get(text);
  if (known !== undefined) return known;
  if (text.includes('\n')) return yamlBlock(text, indent);
  if (isPlain(text)) return remember(values, text, text);
  return remember(values, text, isSurelyQuoted(text) ? quoted(text) : askForValue(text));
}

/** A text as the key of a map. */
export function yamlKey(key: string): Rendered {
  const known = keys.get(key);
  if (known !== undefined) return known;
  // Assigning __proto__ would set a prototype: cdk8s loses such a key, and so must we. Whether a key that looks like a
  // document's start is quoted depends on where it stands.
  if (key === '__proto__' || DOCUMENT_MARKER.test(key)) return undefined;
  return remember(keys, key, isPlain(key) && key.length < 100 ? key : askForKey(key));
}

function isPlain(text: string): boolean {
  return PLAIN.test(text) ? !ENDS_BLANK.test(text) && !MAYBE_ANOTHER_TYPE.test(text) : PLAIN_WITH_DIGIT.test(text);
}

function isSurelyQuoted(text: string): boolean {
  return QUOTED.test(text) && VISIBLE.test(text);
}

/** For visible ASCII, which both kinds of quotes take as it is. */
function quoted(text: string): string {
  return text.includes('"') && !text.includes("'") ? `'${text}'` : JSON.stringify(text);
}

function yamlLongText(text: string, indent: string): Rendered {
  if (text.includes('\n')) return yamlBlock(text, indent);
  if (isPlain(text)) return text;
  return isSurelyQuoted(text) ? quoted(text) : askForValue(text);
}

function yamlBlock(text: string, indent: string): Rendered {
  const first = text.charCodeAt(0);
  const startsBlank = first === 0x20 || first === 0x0a;
  const endsWithNewline = text.endsWith('\n');
  const known = text.length > LONGEST_REMEMBERED ? blocks.get(text) : undefined;
  if (known?.indent === indent) return known.rendered;
  const body = endsWithNewline ? text.slice(0, -1) : text;
  const last = body.charCodeAt(body.length - 1);
  if (startsBlank || last === 0x20 || last === 0x0a || HAS_UNSAFE_FOR_BLOCK.test(text)) return undefined;
  const rendered = `|${endsWithNewline ? '' : '-'}\n${indent}${body.replace(/\n+/g, `$&${indent}`)}`;
  if (text.length > LONGEST_REMEMBERED) {
    if (blocks.size >= MOST_BLOCKS) blocks.clear();
    blocks.set(text, { indent, rendered });
  }
  return rendered;
}

function askForValue(text: string): Rendered {
  return oneLine(Yaml.stringify([text]).slice('- '.length, -1));
}

function askForKey(key: string): Rendered {
  const answer = Yaml.stringify({ [key]: 0 });
  return answer.startsWith('? ') ? undefined : oneLine(answer.slice(0, -': 0\n'.length));
}

function oneLine(text: string): Rendered {
  return text.includes('\n') ? undefined : text;
}

function remember(where: Map<string, Rendered>, text: string, rendered: Rendered): Rendered {
  if (rendered === undefined) return undefined;
  if (where.size >= MOST_REMEMBERED) where.clear();
  where.set(text, rendered);
  return rendered;
}

import * as pulumi from '@pulumi/pulumi';
import { EdgeConstructsError } from '../core/error';
import { takeApart } from '../core/placeholders/placeholder';
import { isChangedTrace, isEncodedTrace } from '../core/placeholders/placeholder-traces';
import { problem } from '../core/rules';

/** Finds the Output of a placeholder; path and field are for errors. */
export type ValueOf = (placeholder: string, path: string, field: string) => pulumi.Output<unknown>;

/** The description of a broken token, and what to do about it. */
interface Fault {
  readonly given: string;
  readonly remedy: string;
}

/** A token of which only a part is left. */
export const CHANGED: Fault = {
  given: 'a token that was truncated, altered or used in a computation',
  remedy: 'Give the Output to a prop that takes it as it is; do computations in its apply, before it becomes a token.',
};
const ENCODED: Fault = {
  given: 'a token within a string that was encoded, other than as base64 in groups of 4 characters',
  remedy: "Encode the Output in its apply; in a Secret, give the string unchanged, in 'stringData'.",
};
const OUTPUT_IN_TEXT: Fault = {
  given: 'a Pulumi Output within a string',
  remedy: 'Put OutputTokens.asString(output) into the string.',
};
const NO_TEXT: Fault = {
  given: 'an Output that is neither a string nor a number, within a string',
  remedy: 'Use it as the whole value.',
};

// What an Output becomes when it is converted to a string.
const OUTPUT_AS_TEXT = /Calling \[(?:toString|toJSON)\] on an \[Output<T>\]/;

/**
 * A text with Outputs in the place of placeholders; the text itself if it has none. Placeholders within base64 are found,
 * too, and encoded again with the value.
 *
 * @throws {@link EdgeConstructsError} when a placeholder was changed
 */
export function replaceInText(text: string, path: string, field: string, valueOf: ValueOf): unknown {
  if (OUTPUT_AS_TEXT.test(text)) throw broken(path, field, OUTPUT_IN_TEXT);
  const { pieces, placeholders } = takeApart(text);
  const [first] = placeholders;
  // The placeholder of a number normally is a number; this one was converted to a string.
  if (text === first && !first.startsWith('-')) return valueOf(first, path, field);
  const parts = pieces.flatMap((piece, index) => {
    const placeholder = placeholders[index];
    const decoded = withDecoded(piece, path, field, valueOf);
    return placeholder === undefined ? decoded : [...decoded, textOf(valueOf(placeholder, path, field), path, field)];
  });
  if (parts.every((part) => typeof part === 'string')) return text;
  return pulumi.all(parts).apply((known) => known.join(''));
}

type Part = string | pulumi.Output<string>;

const BASE64 = /[A-Za-z0-9+/]{8,}={0,2}/g;

/** A piece without plain placeholders; those within base64 are decoded, replaced and encoded again. */
function withDecoded(piece: string, path: string, field: string, valueOf: ValueOf): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const { index, 0: run } of isEncodedTrace(piece) ? piece.matchAll(BASE64) : []) {
    if (!isEncodedTrace(run)) continue;
    const inner = replaceInText(decoded(run, path, field), path, field, valueOf);
    if (typeof inner === 'string') continue;
    const encoded = textOf(pulumi.output(inner), path, field).apply((known) => Buffer.from(known).toString('base64'));
    parts.push(piece.slice(end, index), encoded);
    end = index + run.length;
  }
  parts.push(piece.slice(end));
  if (parts.some(isChangedTrace)) throw broken(path, field, CHANGED);
  return parts;
}

function decoded(run: string, path: string, field: string): string {
  const bytes = Buffer.from(run, 'base64');
  const text = bytes.toString('utf8');
  if (bytes.toString('base64') === run && Buffer.from(text).equals(bytes)) return text;
  throw broken(path, field, ENCODED);
}

function textOf(output: pulumi.Output<unknown>, path: string, field: string): pulumi.Output<string> {
  return output.apply((value) => {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
    throw broken(path, field, NO_TEXT);
  });
}

/** The error for a token that can't be replaced. */
export function broken(path: string, field: string, { given, remedy }: Fault): EdgeConstructsError {
  return new EdgeConstructsError(path, 'ChartResources', [
    { ...problem(field, undefined, 'a token as OutputTokens creates it', remedy), given },
  ]);
}

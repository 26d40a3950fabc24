import type * as JsYaml from 'js-yaml';
import { showGiven } from '../../core/given';
import type { LineIndex } from './text-positions';
import { UnreadableFile } from './unreadable-file';

/** What YAML's core schema takes for a number. */
const NUMBER =
  /^(?:[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?|0o[0-7]+|0x[\dA-Fa-f]+|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

/**
 * Numbers of a YAML text that would be written back as something else: SIM cards' numbers of 19 digits, 0042 of a shop, 1.30 of
 * a version. They were nearly always meant as strings, and nobody would notice.
 *
 * @param mayBeWrittenOtherwise JSON's 1.0 and 1e3 come from programs that write numbers so; there, only lost digits count
 */
export function lossyNumbers(
  text: string,
  events: ReturnType<typeof JsYaml.parseEvents>,
  lines: LineIndex,
  mayBeWrittenOtherwise: boolean,
): readonly UnreadableFile[] {
  const found: UnreadableFile[] = [];
  for (const event of events) {
    // In js-yaml's numbering, 1 is a scalar without quotes.
    if (!('valueStart' in event) || event.style !== 1 || event.tagStart >= 0) continue;
    const written = text.slice(event.valueStart, event.valueEnd);
    if (!NUMBER.test(written)) continue;
    const value = Number(written);
    if (mayBeWrittenOtherwise ? keepsDigits(written, value) : String(value) === written || written === '-0') continue;
    found.push(
      new UnreadableFile(
        {
          given: showGiven(written).slice(1, -1),
          allowed: 'numbers that stay as they are written',
          remedy: keepsDigits(written, value)
            ? `Put quotes around it if it is a string; a number is written ${value}.`
            : 'Put quotes around it: no number has that many digits.',
        },
        lines.position(event.valueStart),
      ),
    );
  }
  return found;
}

/** Whether all digits that were written are in the number. */
function keepsDigits(written: string, value: number): boolean {
  if (!Number.isFinite(value)) return false;
  if (/^0[ox]/.test(written)) return Number.isSafeInteger(value);
  return digitsOf(written) === digitsOf(String(value));
}

/** Digits and power of ten, without signs and zeros that say nothing. */
function digitsOf(text: string): string {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().replace(/^[-+]/, '').split('e');
  const [whole = '', part = ''] = mantissa.split('.');
  const digits = (whole + part).replace(/^0+/, '');
  const kept = digits.replace(/0+$/, '');
  return kept === '' ? '0' : `${kept}e${Number(exponent) - part.length + digits.length - kept.length}`;
}

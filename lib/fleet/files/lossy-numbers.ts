import type * as JsYaml from 'js-yaml';
import { showGiven } from '../../core/given';
import type { LineIndex } from './text-positions';
import { UnreadableFile } from './unreadable-file';

/** What YAML's core schema reads as a number. */
const NUMBER =
  /^(?:[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?|0o[0-7]+|0x[\dA-Fa-f]+|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

/**
 * Finds numbers in a YAML text that would be written back differently: the 19 digits of a SIM card, a shop's 0042, a
 * version 1.30. Nearly always they were meant as strings, and the change would go unnoticed.
 *
 * @param mayBeWrittenOtherwise for JSON, where programs write numbers such as 1.0 and 1e3, so that only lost digits count
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

/** Digits and power of ten, without signs and insignificant zeros. */
function digitsOf(text: string): string {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().replace(/^[-+]/, '').split('e');
  const [whole = '', part = ''] = mantissa.split('.');
  const digits = (whole + part).replace(/^0+/, '');
  const kept = digits.replace(/0+$/, '');
  return kept === '' ? '0' : `${kept}e${Number(exponent) - part.length + digits.length - kept.length}`;
}

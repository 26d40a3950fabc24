import { firstOf, pattern, problem } from '../core/rules';
import type { Rule } from '../core/rule';

/** An ISO 3166-1 alpha-2 code in capitals. KKP accepts any string and shows a flag for it, or none. */
export function countryCode(): Rule {
  return firstOf(
    pattern(/^[A-Z]{2}$/, 'an ISO 3166-1 alpha-2 country code in capitals', 'Write it like DE or US.'),
    (value, field) =>
      isKnown(String(value))
        ? []
        : [
            problem(
              field,
              value,
              'an ISO 3166-1 alpha-2 country code in capitals',
              value === 'UK' ? 'The code of the United Kingdom is GB.' : 'There is no such country code.',
            ),
          ],
  );
}

interface Countries {
  alpha2ToAlpha3(code: string): string | undefined;
}

let countries: Countries | undefined;

function isKnown(code: string): boolean {
  // Loaded on first use, and without its 80 languages, because most programs never check a country.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  countries ??= require('i18n-iso-countries/index') as Countries;
  return countries.alpha2ToAlpha3(code) !== undefined;
}

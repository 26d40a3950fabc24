/** The whole lines of messages, by what is wrong with an input. */
export type Messages = Readonly<Record<string, readonly string[]>>;

export const LABEL = 'lower-case letters a-z, digits and hyphens, with a letter or digit at both ends (a DNS label)';

/**
 * A text as an expression in CEL; `{name}` in it is replaced with the value of the CEL variable of that name.
 * @see https://github.com/google/cel-spec/blob/master/doc/langdef.md#string-and-bytes-values
 */
export function celText(text: string): string {
  return text
    .split(/\{(\w+)\}/)
    .map((part, index) => (index % 2 === 0 ? JSON.stringify(part) : `variables.${part}`))
    .filter((part) => part !== '""')
    .join(' + ');
}

/** The value of an annotation in CEL; empty where there is none. */
export function celAnnotation(object: string, annotation: string): string {
  return `${object}.metadata.?annotations[?'${annotation}'].orValue('')`;
}

/** The value of a label in CEL; empty where there is none. */
export function celLabel(object: string, label: string): string {
  return `${object}.metadata.?labels[?'${label}'].orValue('')`;
}

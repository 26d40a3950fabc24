import type * as JsYaml from 'js-yaml';

/** A place in a file, both counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

type Event = ReturnType<typeof JsYaml.parseEvents>[number];

/** The numbers that js-yaml gives to kinds of events. */
interface EventIds {
  readonly SEQUENCE: number;
  readonly MAPPING: number;
  readonly SCALAR: number;
  readonly POP: number;
}

function isQuoted(event: Event): boolean {
  // In js-yaml's numbering of styles.
  return 'style' in event && 'valueStart' in event && (event.style === 2 || event.style === 3);
}

/** Lines and columns of offsets in a text. */
export class LineIndex {
  readonly #starts: number[] = [0];

  constructor(text: string) {
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.#starts.push(at + 1);
  }

  position(offset: number): Position {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#starts[low] ?? 0) + 1 };
  }
}

/** One node of a document: where it is and what is in it. */
interface Node {
  readonly offset: number;
  /** First event after the node. */
  readonly end: number;
  /** Positions of the events of its items, or of its keys and values in turn. */
  readonly children: readonly number[];
  readonly isMap: boolean;
}

/**
 * Finds where a field of a document stands, from the parser's events.
 */
export class TextPositions {
  readonly #source: string;
  readonly #events: readonly Event[];
  readonly #ids: EventIds;
  readonly #lines: LineIndex;
  readonly #nodes = new Map<number, Node>();

  constructor(source: string, events: readonly Event[], ids: EventIds) {
    this.#source = source;
    this.#events = events;
    this.#ids = ids;
    this.#lines = new LineIndex(source);
  }

  /**
   * @param field a path as problems have it: `sites[3].nodes[0].name`
   * @returns its position, or that of the closest thing around it
   */
  locate(field: string): Position {
    // Event 0 is the document, 1 its content.
    let node = this.#node(1);
    let offset = node.offset;
    let rest = field;
    while (rest !== '') {
      const step = node.isMap ? this.#intoMap(node, rest) : this.#intoList(node, rest);
      if (step === undefined) break;
      offset = step.offset;
      rest = step.rest;
      node = this.#node(step.event);
    }
    return this.#lines.position(offset);
  }

  #intoMap(node: Node, field: string): { event: number; offset: number; rest: string } | undefined {
    const name = field.startsWith('.') ? field.slice(1) : field;
    let best: { event: number; offset: number; rest: string; length: number } | undefined;
    for (let i = 0; i + 1 < node.children.length; i += 2) {
      const keyEvent = node.children[i] ?? 0;
      const key = this.#text(keyEvent);
      // Keys may contain dots, so the longest matching key is used.
      if (!name.startsWith(key) || !/^(?:$|[.[ ])/.test(name.slice(key.length)) || key.length <= (best?.length ?? -1))
        continue;
      best = {
        event: node.children[i + 1] ?? 0,
        offset: this.#node(keyEvent).offset,
        rest: name.slice(key.length).replace(/^ key$/, ''),
        length: key.length,
      };
    }
    return best;
  }

  #intoList(node: Node, field: string): { event: number; offset: number; rest: string } | undefined {
    const index = /^\[([0-9]+)\]/.exec(field);
    const event = index === null ? undefined : node.children[Number(index[1])];
    return index === null || event === undefined
      ? undefined
      : { event, offset: this.#node(event).offset, rest: field.slice(index[0].length) };
  }

  #text(event: number): string {
    const scalar = this.#events[event];
    return scalar !== undefined && 'valueStart' in scalar ? this.#source.slice(scalar.valueStart, scalar.valueEnd) : '';
  }

  #node(index: number): Node {
    const known = this.#nodes.get(index);
    if (known !== undefined) return known;
    const event = this.#events[index];
    let node: Node;
    if (event === undefined || !('start' in event)) {
      const offset = event !== undefined && 'valueStart' in event ? event.valueStart - (isQuoted(event) ? 1 : 0) : 0;
      node = { offset, end: index + 1, children: [], isMap: false };
    } else {
      const children: number[] = [];
      let at = index + 1;
      while (this.#events[at] !== undefined && this.#events[at]?.type !== this.#ids.POP) {
        children.push(at);
        at = this.#endOf(at);
      }
      const isMap = event.type === this.#ids.MAPPING;
      const first = children[0];
      const offset =
        isMap && event.start < 0 && first !== undefined ? this.#node(first).offset : Math.max(0, event.start);
      node = { offset, end: at + 1, children, isMap };
    }
    this.#nodes.set(index, node);
    return node;
  }

  /** Does not create nodes, because finding one site may take walking a list of ten thousand. */
  #endOf(index: number): number {
    let depth = 0;
    for (let at = index; at < this.#events.length; at++) {
      const type = this.#events[at]?.type;
      if (type === this.#ids.SEQUENCE || type === this.#ids.MAPPING) depth++;
      else if (type === this.#ids.POP) depth--;
      if (depth === 0) return at + 1;
    }
    return this.#events.length;
  }
}

import type * as JsYaml from 'js-yaml';
import { showGiven } from '../../core/given';
import { jsYaml } from '../../core/yaml-documents';
import { jsonErrorOffset } from './json-error';
import { lossyNumbers } from './lossy-numbers';
import { LineIndex, TextPositions } from './text-positions';
import { type FileContent, UnreadableFile } from './unreadable-file';

/** Deeper than any site file; both parser and checks are recursive. */
const DEEPEST = 60;

/**
 * Reads YAML 1.2 without custom tags, anchors and aliases. Templates serve their purpose, and without them data cannot be
 * much larger than its file, or refer to itself.
 */
export function readYaml(text: string): FileContent {
  return read(text, false);
}

function read(text: string, isJson: boolean): FileContent {
  const { parseEvents, constructFromEvents, CORE_SCHEMA } = jsYaml();
  return guarded(text, isJson, () => {
    const events = parseEvents(text, { maxDepth: DEEPEST });
    refuseAnchors(text, events);
    const documents = constructFromEvents(events, { source: text, schema: CORE_SCHEMA, maxAliases: 0 });
    if (documents.length > 1) {
      throw new UnreadableFile({
        given: `${documents.length} documents`,
        allowed: 'one YAML document a file',
        remedy: 'Remove the lines ---, or split the file.',
      });
    }
    const positions = new TextPositions(text, events, jsYaml().EVENT_ID);
    return {
      data: documents[0] ?? null,
      locate: (field) => positions.locate(field),
      problems: lossyNumbers(text, events, new LineIndex(text), isJson),
    };
  });
}

/** Reads JSON. Positions come from the YAML parser, because `JSON.parse` does not report any. */
export function readJson(text: string): FileContent {
  const source = text.replace(/^\ufeff/, '');
  let data: unknown;
  try {
    data = JSON.parse(source);
  } catch {
    throw new UnreadableFile(
      { given: 'text that is not JSON from here on', allowed: 'valid JSON', remedy: 'Correct the file.' },
      new LineIndex(source).position(jsonErrorOffset(source)),
    );
  }
  // Tabs are white space in JSON, but not in YAML; JSON strings can't contain them.
  return { ...read(source.replaceAll('\t', ' '), true), data };
}

function guarded(text: string, isJson: boolean, make: () => FileContent): FileContent {
  try {
    return make();
  } catch (error) {
    if (error instanceof UnreadableFile) throw error;
    if (!(error instanceof jsYaml().YAMLException)) throw error;
    const { reason, mark } = error;
    const problem = reason.includes('maxDepth')
      ? {
          given: `lists and maps in each other, more than ${DEEPEST} deep`,
          allowed: `up to ${DEEPEST} of them`,
          remedy: 'Make it flatter. Is there a bracket that should have been closed before?',
        }
      : {
          given: showGiven(reason).slice(1, -1),
          allowed: `valid ${isJson ? 'JSON' : 'YAML'}`,
          remedy: 'Correct the file.',
        };
    throw new UnreadableFile(problem, mark === undefined ? undefined : new LineIndex(text).position(mark.position));
  }
}

function refuseAnchors(text: string, events: ReturnType<typeof JsYaml.parseEvents>): void {
  for (const event of events) {
    if (!('anchorStart' in event) || event.anchorStart < 0) continue;
    throw new UnreadableFile(
      {
        given: showGiven(text.slice(event.anchorStart - 1, event.anchorEnd)),
        allowed: 'YAML without anchors and aliases',
        remedy: 'Use defaults, templates, regions or rings for what sites have in common.',
      },
      new LineIndex(text).position(event.anchorStart - 1),
    );
  }
}

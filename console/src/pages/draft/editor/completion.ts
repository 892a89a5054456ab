/** What may stand at a place of the text, by `policies/policy.schema.json` and the ids that the text has. */
import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import type { EditorState } from '@codemirror/state';
import { type Tooltip, hoverTooltip } from '@codemirror/view';
import schema from '../../../../../policies/policy.schema.json';
import type { NamedSection, Names } from '../../../law/check.js';

type Node = Readonly<Record<string, unknown>>;

/** Where names come from, by the part of the schema that stands for one. */
const SECTION_OF: Readonly<Record<string, NamedSection>> = {
  purpose_ref: 'purposes',
  regime_ref: 'regimes',
  obligation_ref: 'obligations',
  field_ref: 'fields',
};

function nodeOf(value: unknown): Node {
  return Object(value);
}

function nameOfRef({ $ref }: Node): string | undefined {
  return typeof $ref === 'string' ? $ref.slice('#/definitions/'.length) : undefined;
}

function resolved(node: Node): Node {
  const name = nameOfRef(node);
  return name === undefined ? node : { ...resolved(nodeOf(nodeOf(schema.definitions)[name])), ...node };
}

/** The shape of what stands below a key; of a list, that of its entries. */
function below(node: Node, key: string): Node | undefined {
  const inner = resolved(entryOf(node));
  const { [key]: member } = nodeOf(inner['properties']);
  const [pattern] = Object.values(nodeOf(inner['patternProperties']));
  const found = member ?? pattern;
  return found === undefined ? undefined : nodeOf(found);
}

function entryOf(node: Node): Node {
  const { items } = resolved(node);
  return items === undefined ? node : nodeOf(items);
}

/** A line as it begins: how far in it stands, the marks of a list, and its key where it has one. */
const LINE = /^(?<indent> *)(?<marks>(?:- +)*)(?:(?<key>[\w.#-]+):(?=\s|$))?/;

type Place = {
  /** The keys above, from the root. */
  readonly keys: readonly string[];
  /** The key of the line, when the place is in its value. */
  readonly key: string | undefined;
};

/** Where a place of the text is, by how far its line and those above stand in: also where the text has faults. */
export function placeAt(state: EditorState, pos: number): Place {
  const line = state.doc.lineAt(pos);
  const { depth, key, start } = begin(line.text);
  const isInValue = key !== undefined && pos - line.from > start + key.length;
  const keys: string[] = [];
  // an item of a list may stand as far in as the key of its list
  let inner = key === undefined && /^ *-/.test(line.text) ? depth - 1 : depth;
  for (let number = line.number - 1; number > 0 && inner > 0; number--) {
    const above = begin(state.doc.line(number).text);
    if (above.key === undefined || above.start >= inner) continue;
    keys.unshift(above.key);
    inner = above.start;
  }
  return { keys, key: isInValue ? key : undefined };
}

function begin(text: string) {
  const { indent = '', marks = '', key } = LINE.exec(text)?.groups ?? {};
  const start = indent.length + marks.length;
  return { depth: start, key, start };
}

function shapeAt(keys: readonly string[]): Node | undefined {
  return keys.reduce<Node | undefined>(
    (node, key) => (node === undefined ? undefined : below(node, key)),
    nodeOf(schema),
  );
}

/** Offers what the schema knows and the text names. */
export function completionOf(names: () => Names | undefined) {
  return (context: CompletionContext): CompletionResult | null => {
    const word = context.matchBefore(/[\w.#-]*/);
    if (word === null || (word.from === word.to && !context.explicit)) return null;
    const { keys, key } = placeAt(context.state, context.pos);
    const shape = shapeAt(key === undefined ? keys : [...keys, key]);
    if (shape === undefined) return null;
    const options =
      key === undefined && !isNamed(shape)
        ? [...keysOf(shape, names()), ...valuesOf(entryOf(shape), names())]
        : valuesOf(entryOf(shape), names());
    return { from: word.from, options, validFor: /^[\w.#-]*$/ };
  };
}

/** Whether it is one of a set of names, or a list of them. */
function isNamed(shape: Node): boolean {
  const entry = resolved(entryOf(shape));
  return entry['properties'] === undefined && entry['patternProperties'] === undefined;
}

function keysOf(shape: Node, names: Names | undefined): Completion[] {
  const inner = resolved(entryOf(shape));
  const required = new Set([inner['required'] ?? []].flat());
  const members = Object.entries(nodeOf(inner['properties'])).map(([label, member]) => ({
    label,
    apply: `${label}: `,
    type: 'property',
    ...infoOf(nodeOf(member)),
    boost: required.has(label) ? 1 : 0,
  }));
  const [pattern] = Object.keys(nodeOf(inner['patternProperties']));
  return [
    ...members,
    ...namesLike(pattern, names).map((label) => ({ label, apply: `${label}: `, type: 'property' })),
  ];
}

/** Keys that are names: those of regimes or languages. */
function namesLike(pattern: string | undefined, names: Names | undefined): readonly string[] {
  if (pattern === undefined || names === undefined) return [];
  const like = new RegExp(pattern, 'u');
  return [...names.regimes, ...names.languages].filter((name) => like.test(name));
}

function valuesOf(entry: Node, names: Names | undefined): Completion[] {
  const section = SECTION_OF[nameOfRef(entry) ?? ''];
  if (section !== undefined) return (names?.[section] ?? []).map((label) => ({ label, type: 'variable' }));
  const { enum: allowed, type } = resolved(entry);
  if (Array.isArray(allowed))
    return allowed.map((one) => ({ label: String(one), type: 'enum', ...infoOf(entry) }));
  return type === 'boolean' ? [{ label: 'true' }, { label: 'false' }] : [];
}

function infoOf(node: Node): { readonly info?: string } {
  const { description } = resolved(node);
  return typeof description === 'string' ? { info: description } : {};
}

/** Says what a key means where somebody points at it. */
export const HINTS = hoverTooltip((view, pos): Tooltip | null => {
  const word = view.state.wordAt(pos);
  if (word === null) return null;
  const line = view.state.doc.lineAt(pos);
  const { key, start } = begin(line.text);
  if (key === undefined || pos < line.from + start || pos > line.from + start + key.length) return null;
  const { keys } = placeAt(view.state, line.from + start);
  const shape = shapeAt([...keys, key]);
  const { info } = shape === undefined ? {} : infoOf(shape);
  if (info === undefined) return null;
  return {
    pos: line.from + start,
    above: true,
    create: () => {
      const dom = document.createElement('div');
      dom.className = 'cm-hint';
      dom.lang = 'en';
      dom.textContent = info;
      return { dom };
    },
  };
});

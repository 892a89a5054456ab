/** Common changes of a policy, made to its text: what else stands there stays as it was written. */
import { Scalar, YAMLMap, YAMLSeq, isNode, isScalar, parseDocument } from 'yaml';
import type { Setting } from '../../../src/decision/policy.js';
import type { Steps } from '../../../src/decision/steps.js';
import { writePolicyYaml } from '../../../src/policy/text/policy-writer.js';

export type Edit =
  /** Another entry at the end of a section. */
  | { readonly kind: 'entry'; readonly section: 'purposes' | 'fields'; readonly entry: object }
  | { readonly kind: 'setting'; readonly purpose: string; readonly regime: string; readonly setting: Setting }
  /** The next number of the terms of a purpose. */
  | { readonly kind: 'notice'; readonly purpose: string };

/** The text, and the line from 1 that somebody looks at then. */
export type Edited = { readonly text: string; readonly line: number };

/** What of a text is replaced. */
type Change = { readonly from: number; readonly to: number; readonly insert: string };

/**
 * @param text that can be read as a policy
 * @throws Error when what is to be changed is not in it
 */
export function* editSteps(text: string, edit: Edit): Steps<Edited> {
  yield;
  return edited(text, edit);
}

/** As {@link editSteps}, at once. */
export function edited(text: string, edit: Edit): Edited {
  const { from, to, insert } = changeOf(text, edit);
  const before = text.slice(0, from);
  const line = before.split('\n').length + (insert.startsWith('\n') ? 1 : 0);
  return { text: before + insert + text.slice(to), line };
}

function changeOf(text: string, edit: Edit): Change {
  const { contents } = parseDocument(text);
  if (!(contents instanceof YAMLMap)) throw new Error('the text is no policy');
  if (edit.kind === 'entry') return entryIn(text, contents, edit);
  const purpose = purposeIn(contents, edit.purpose);
  if (edit.kind === 'notice') {
    const notice = purpose.get('notice');
    // left out: 1
    return memberIn(text, purpose, 'notice', String((typeof notice === 'number' ? notice : 1) + 1));
  }
  const settings = purpose.get('settings');
  if (!(settings instanceof YAMLMap)) throw new Error(`\`${edit.purpose}\` has no settings`);
  return memberIn(text, settings, edit.regime, edit.setting);
}

function purposeIn(contents: YAMLMap, id: string): YAMLMap {
  const purposes = contents.get('purposes');
  const found = (purposes instanceof YAMLSeq ? purposes.items : []).find(
    (entry): entry is YAMLMap => entry instanceof YAMLMap && entry.get('id') === id,
  );
  if (found === undefined) throw new Error(`there is no purpose \`${id}\``);
  return found;
}

/** Where a node begins, and where what it says ends. */
function rangeOf(node: unknown): readonly [from: number, to: number] {
  if (!isNode(node) || !node.range) throw new Error('a part of the text has no place');
  return [node.range[0], node.range[1]];
}

function columnAt(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1);
}

/** A member of a mapping, whether it is there or not. */
function memberIn(text: string, map: YAMLMap, name: string, value: string): Change {
  const known = map.items.find(({ key }) => isScalar(key) && key.value === name);
  if (known?.value instanceof Scalar) {
    const [from, to] = rangeOf(known.value);
    // a name without a value has its place right after the colon
    return { from, to, insert: from === to ? ` ${value}` : value };
  }
  const last = map.items.at(-1);
  if (last === undefined) throw new Error('a mapping is empty');
  const to = endOf(last.value ?? last.key);
  if (map.flow === true) return { from: to, to, insert: `, ${name}: ${value}` };
  const indent = ' '.repeat(columnAt(text, rangeOf(last.key)[0]));
  return onItsLine(text, to, `${indent}${name}: ${value}`);
}

/** Where what a node says ends, that of what stands in it included. */
function endOf(node: unknown): number {
  return rangeOf(node)[1];
}

function entryIn(
  text: string,
  contents: YAMLMap,
  { section, entry }: Extract<Edit, { kind: 'entry' }>,
): Change {
  const list = contents.get(section);
  const written = writePolicyYaml({ [section]: [entry] })
    .replace(/^.*\n/, '')
    .trimEnd();
  if (!(list instanceof YAMLSeq)) {
    const empty = contents.get(section, true);
    if (empty === undefined) return onItsLine(text, text.length, `\n${section}:\n${written}`);
    return { from: endOf(empty), to: endOf(empty), insert: `\n${written}` };
  }
  const [from, to] = rangeOf(list);
  const last = list.items.at(-1);
  if (list.flow === true)
    return last === undefined
      ? { from, to, insert: `\n${written}` }
      : { from: endOf(last), to: endOf(last), insert: `, ${JSON.stringify(entry)}` };
  const indent = ' '.repeat(columnAt(text, from));
  const lines = written.split('\n').map((line) => (line === '' ? line : indent + line.slice(2)));
  return onItsLine(text, endOf(last), `\n${lines.join('\n')}`);
}

/** Lines after what ends at a place, whether its line ends there or not. */
function onItsLine(text: string, end: number, lines: string): Change {
  const isLineEnd = end === 0 || text[end - 1] === '\n';
  // a comment behind what ends there stays with it
  const at = isLineEnd ? end : lineEnd(text, end);
  const hasNext = text[at] === '\n';
  return { from: at, to: at, insert: isLineEnd ? `${lines}\n` : `\n${lines}${hasNext ? '' : '\n'}` };
}

function lineEnd(text: string, from: number): number {
  const at = text.indexOf('\n', from);
  return at < 0 ? text.length : at;
}

/** Common changes of a policy, made to its text: what else stands there stays as it was written. */
import { Scalar, YAMLMap, YAMLSeq, isNode, isScalar, parseDocument } from 'yaml';
import type { Setting } from '../../../src/decision/policy.js';
import type { Steps } from '../../../src/decision/steps.js';
import { writePolicyYaml } from '../../../src/policy/text/policy-writer.js';

export type Edit =
  /** Another entry at the end of a section. */
  | { readonly kind: 'entry'; readonly section: 'purposes' | 'fields'; readonly entry: object }
  /** Another regime, with the settings of purposes and the levels of visibility that `like` has. */
  | {
      readonly kind: 'regime';
      readonly entry: Readonly<Record<string, unknown>> & { readonly id: string };
      readonly like: string;
    }
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
  const { contents } = parseDocument(text);
  if (!(contents instanceof YAMLMap)) throw new Error('the text is no policy');
  const first = changeOf(text, contents, edit);
  const line = text.slice(0, first.from).split('\n').length + (first.insert.startsWith('\n') ? 1 : 0);
  const others = edit.kind === 'regime' ? saidLike(text, contents, edit) : [];
  // from the end: what comes before keeps its place
  const changes = [first, ...others].toSorted((one, other) => other.from - one.from);
  const written = changes.reduce(
    (so, { from, to, insert }) => so.slice(0, from) + insert + so.slice(to),
    text,
  );
  const above = others.filter(({ from }) => from < first.from);
  return { text: written, line: line + above.reduce((sum, { insert }) => sum + linesIn(insert), 0) };
}

function linesIn(insert: string): number {
  return insert.split('\n').length - 1;
}

function changeOf(text: string, contents: YAMLMap, edit: Edit): Change {
  if (edit.kind === 'entry') return entryIn(text, contents, edit);
  if (edit.kind === 'regime') return entryIn(text, contents, { section: 'regimes', entry: edit.entry });
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

/** What everything that goes by regimes says of a new one: settings of purposes, defaults of visibility. */
function saidLike(
  text: string,
  contents: YAMLMap,
  { entry: { id }, like }: Extract<Edit, { kind: 'regime' }>,
): readonly Change[] {
  const settings = itemsIn(contents.get('purposes')).map((purpose) => purpose.get('settings'));
  const defaults = itemsIn(contents.get('visibility')).flatMap((group) => {
    const byAge = group.get('defaults');
    return byAge instanceof YAMLMap ? byAge.items.map(({ value }) => value) : [];
  });
  return [...settings, ...defaults].map((said) => {
    const same = said instanceof YAMLMap ? said.get(like) : undefined;
    if (!(said instanceof YAMLMap) || typeof same !== 'string')
      throw new Error(`something that goes by laws says nothing of \`${like}\``);
    return memberIn(text, said, id, same);
  });
}

function itemsIn(list: unknown): readonly YAMLMap[] {
  return (list instanceof YAMLSeq ? list.items : []).filter((entry) => entry instanceof YAMLMap);
}

function purposeIn(contents: YAMLMap, id: string): YAMLMap {
  const found = itemsIn(contents.get('purposes')).find((entry) => entry.get('id') === id);
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
  { section, entry }: { readonly section: string; readonly entry: object },
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

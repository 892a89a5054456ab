/**
 * The editor of the text. It stands in a shadow root: CodeMirror then adopts its stylesheets, where it would put
 * `<style>` into a page, which the content security policy refuses.
 */
import { autocompletion, closeBrackets, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, redo, undo } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { bracketMatching, indentOnInput } from '@codemirror/language';
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { highlightSelectionMatches, openSearchPanel, search, searchKeymap } from '@codemirror/search';
import { Compartment, EditorState, type Text } from '@codemirror/state';
import {
  EditorView,
  drawSelection,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { type RefObject, useEffect, useImperativeHandle, useRef } from 'react';
import type { Finding, Names } from '../../../law/check.js';
import { useLanguage } from '../../../words/words.js';
import { HINTS, completionOf } from './completion.js';
import { PHRASES } from './phrases.js';
import { THEME } from './theme.js';
import { UNSEEN_SIGNS } from './unseen-signs.js';

/** What the page does to the editor. */
export type EditorHandle = {
  /** Puts another text in its place, in one step that can be undone. */
  readonly put: (text: string) => void;
  /** As {@link put}, in the place of this text alone: whether it stood there. */
  readonly replace: (old: string, text: string) => boolean;
  /** Goes to a place, both from 1. */
  readonly goTo: (line: number, column: number) => void;
  readonly undo: () => void;
  readonly redo: () => void;
  readonly find: () => void;
};

type Props = {
  readonly ref: RefObject<EditorHandle | null>;
  readonly label: string;
  /** What stands in it at first. */
  readonly initial: string;
  readonly isReadOnly: boolean;
  readonly onChange: (text: string) => void;
  /** Of the text that stands in it now. */
  readonly errors: readonly Finding[];
  readonly lints: readonly Finding[];
  /** The ids that may be named. */
  readonly names: Names | undefined;
};

const reading = new Compartment();

export function Editor({ ref, label, initial, isReadOnly, onChange, errors, lints, names }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const language = useLanguage();
  const first = useRef({ initial, onChange, names });
  first.current.onChange = onChange;
  first.current.names = names ?? first.current.names;

  useEffect(() => {
    const { current: element } = host;
    if (element === null) return undefined;
    const root = element.shadowRoot ?? element.attachShadow({ mode: 'open' });
    const made = new EditorView({
      parent: root,
      root,
      state: EditorState.create({
        doc: first.current.initial,
        extensions: [
          lineNumbers(),
          highlightActiveLine(),
          highlightActiveLineGutter(),
          history(),
          drawSelection(),
          indentOnInput(),
          bracketMatching(),
          closeBrackets(),
          yaml(),
          UNSEEN_SIGNS,
          search({ top: true }),
          highlightSelectionMatches(),
          lintGutter(),
          autocompletion({ override: [completionOf(() => first.current.names)], icons: false }),
          HINTS,
          // Tab leaves the editor, as it leaves any field (WCAG 2.1.2)
          keymap.of([
            ...completionKeymap,
            ...searchKeymap,
            ...historyKeymap,
            ...lintKeymap,
            ...defaultKeymap,
          ]),
          EditorState.phrases.of(PHRASES[language]),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
          EditorView.updateListener.of(({ docChanged, state }) => {
            if (docChanged) first.current.onChange(state.doc.toString());
          }),
          reading.of([]),
          THEME,
        ],
      }),
    });
    view.current = made;
    return () => {
      first.current.initial = made.state.doc.toString();
      made.destroy();
    };
  }, [label, language]);

  useEffect(() => {
    view.current?.dispatch({ effects: reading.reconfigure(EditorState.readOnly.of(isReadOnly)) });
  }, [isReadOnly, label, language]);

  useEffect(() => {
    const { current: made } = view;
    if (made === null) return;
    const { doc } = made.state;
    const marks = [
      ...errors.map((finding) => markOf(doc, finding, 'error')),
      ...lints.map((finding) => markOf(doc, finding, 'info')),
    ];
    made.dispatch(setDiagnostics(made.state, marks));
  }, [errors, lints, label, language]);

  const put = (text: string) => {
    const { current: made } = view;
    if (made !== null) made.dispatch({ changes: differenceOf(made.state.doc.toString(), text) });
  };
  useImperativeHandle(ref, () => ({
    put,
    replace: (old, text) => {
      if (view.current?.state.doc.toString() !== old) return false;
      put(text);
      return true;
    },
    goTo: (line, column) => {
      const { current: made } = view;
      if (made === null) return;
      const anchor = placeIn(made.state.doc, line, column);
      made.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: 'center' }) });
      made.focus();
    },
    undo: () => view.current !== null && undo(view.current),
    redo: () => view.current !== null && redo(view.current),
    find: () => view.current !== null && openSearchPanel(view.current),
  }));

  return <div className="editor" ref={host} />;
}

function placeIn(doc: Text, line: number, column: number): number {
  const found = doc.line(Math.max(1, Math.min(line, doc.lines)));
  return Math.min(found.from + column - 1, found.to);
}

/** From where something stands to the end of its line. */
function markOf(
  doc: Text,
  { line = 1, column = 1, message }: Finding,
  severity: Diagnostic['severity'],
): Diagnostic {
  const from = placeIn(doc, line, column);
  return { from, to: Math.max(from, doc.lineAt(from).to), severity, message };
}

/** The least change that makes one text of another, so that the cursor stays where it is. */
function differenceOf(one: string, other: string) {
  const most = Math.min(one.length, other.length);
  let same = 0;
  while (same < most && one[same] === other[same]) same++;
  let after = 0;
  while (after < most - same && one.at(-1 - after) === other.at(-1 - after)) after++;
  return { from: same, to: one.length - after, insert: other.slice(same, other.length - after) };
}

/** What was saved meanwhile beside what somebody wrote, until both are one text. */
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { MergeView } from '@codemirror/merge';
import { EditorState } from '@codemirror/state';
import { EditorView, keymap, lineNumbers } from '@codemirror/view';
import { useEffect, useMemo, useRef } from 'react';
import { Button } from 'react-aria-components';
import { useLanguage, useWords, useWordsOf } from '../../../words/words.js';
import { PHRASES } from './phrases.js';
import { THEME } from './theme.js';
import { together } from './three-way.js';
import { UNSEEN_SIGNS } from './unseen-signs.js';
import { DRAFT } from '../words.js';

type Props = {
  readonly before: string;
  readonly mine: string;
  readonly theirs: string;
  readonly onDone: (text: string) => void;
  readonly onCancel: () => void;
};

/** Of what stands beside the two editors, which their theme does not reach. */
const BESIDE = `
  .cm-mergeView .cm-merge-revert.cm-merge-revert { width: 32px; }
  .cm-mergeView .cm-merge-revert.cm-merge-revert button {
    width: 28px; height: 28px; font: inherit; color: var(--text);
    background: var(--surface); border: 1px solid var(--edge); border-radius: 6px;
  }
  .cm-mergeView .cm-merge-revert.cm-merge-revert button:focus-visible { outline: 2px solid var(--accent); }
`;

export function Merge({ before, mine, theirs, onDone, onCancel }: Props) {
  const words = useWords();
  const { merge } = useWordsOf(DRAFT);
  const language = useLanguage();
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<MergeView>(null);
  const { text, conflicts } = useMemo(() => together(before, mine, theirs), [before, mine, theirs]);
  // what was chosen stays when the language changes
  const chosen = useRef({ of: text, text });
  useEffect(() => {
    const { current: element } = host;
    if (element === null) return undefined;
    const root = element.shadowRoot ?? element.attachShadow({ mode: 'open' });
    const beside = new CSSStyleSheet();
    beside.replaceSync(BESIDE);
    root.adoptedStyleSheets = [beside];
    const extensions = [
      lineNumbers(),
      yaml(),
      UNSEEN_SIGNS,
      EditorView.lineWrapping,
      EditorState.phrases.of(PHRASES[language]),
      THEME,
    ];
    const made = new MergeView({
      parent: root,
      root,
      a: {
        doc: theirs,
        extensions: [
          ...extensions,
          EditorState.readOnly.of(true),
          EditorView.contentAttributes.of({ 'aria-label': merge.theirs, tabindex: '0' }),
        ],
      },
      b: {
        doc: chosen.current.of === text ? chosen.current.text : text,
        extensions: [
          ...extensions,
          history(),
          keymap.of([...historyKeymap, ...defaultKeymap]),
          EditorView.contentAttributes.of({ 'aria-label': merge.yours, tabindex: '0' }),
        ],
      },
      revertControls: 'a-to-b',
      collapseUnchanged: { margin: 3 },
    });
    view.current = made;
    return () => {
      chosen.current = { of: text, text: made.b.state.doc.toString() };
      made.destroy();
    };
  }, [theirs, text, language, merge]);
  return (
    <section className="merge" aria-labelledby="merge">
      <h2 id="merge">{merge.title}</h2>
      <p role="status">{merge.conflicts(conflicts)}</p>
      <div className="merge-heads">
        <p>{merge.theirs}</p>
        <p>{merge.yours}</p>
      </div>
      <div className="merge-sides" ref={host} />
      <div className="buttons">
        <Button className="primary" onPress={() => onDone(view.current?.b.state.doc.toString() ?? text)}>
          {merge.done}
        </Button>
        <Button onPress={onCancel}>{words.cancel}</Button>
      </div>
    </section>
  );
}

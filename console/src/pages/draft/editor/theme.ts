/** How the editor looks: the colours of the console, which reach into its shadow root as custom properties. */
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const LOOKS = EditorView.theme({
  '&': { height: '100%', color: 'var(--text)', backgroundColor: 'var(--surface)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: "ui-monospace, 'SF Mono', Menlo, Consolas, monospace", fontSize: '13px' },
  '.cm-content': { caretColor: 'var(--text)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-gutters': {
    backgroundColor: 'var(--ground)',
    color: 'var(--quiet)',
    borderRight: '1px solid var(--line)',
  },
  '.cm-activeLine, .cm-activeLineGutter': {
    backgroundColor: 'color-mix(in srgb, var(--accent) 8%, transparent)',
  },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'color-mix(in srgb, var(--accent) 25%, transparent)',
  },
  '.cm-tooltip, .cm-panels': {
    backgroundColor: 'var(--surface)',
    color: 'var(--text)',
    borderColor: 'var(--edge)',
    maxWidth: '32rem',
  },
  '.cm-panels': { maxWidth: 'none' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    backgroundColor: 'var(--accent)',
    color: 'var(--on-accent)',
  },
  '.cm-tooltip .cm-hint, .cm-completionInfo': { padding: '6px 8px', font: '13px/1.4 system-ui, sans-serif' },
  '.cm-panel.cm-search, .cm-panel.cm-search label': { fontSize: '13px' },
  '.cm-panel input, .cm-panel button': {
    font: 'inherit',
    color: 'inherit',
    background: 'var(--surface)',
    border: '1px solid var(--edge)',
    borderRadius: '4px',
  },
  '.cm-searchMatch': { backgroundColor: 'var(--warn-ground)' },
  '.cm-searchMatch-selected': { outline: '1px solid var(--text)' },
  '.cm-diagnostic': { borderLeftColor: 'var(--shut)' },
  '.cm-diagnostic-info': { borderLeftColor: 'var(--warn)' },
  // its own are images within the stylesheet, which the content security policy refuses
  '.cm-lintRange': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--shut)',
    paddingBottom: 0,
  },
  '.cm-lintRange-info': { textDecorationColor: 'var(--warn)' },
  '.cm-lintRange-active': { backgroundColor: 'var(--warn-ground)' },
  '.cm-specialChar': {
    padding: '0 2px',
    border: '1px solid var(--shut)',
    borderRadius: '2px',
    color: 'var(--shut)',
    fontSize: '0.8em',
  },
  '.cm-lint-marker-error': { content: '"■"', color: 'var(--shut)' },
  '.cm-lint-marker-info': { content: '"△"', color: 'var(--warn)' },
  '&.cm-merge-a .cm-changedLine, &.cm-merge-b .cm-changedLine': { backgroundColor: 'var(--warn-ground)' },
  '&.cm-merge-a .cm-changedText, &.cm-merge-b .cm-changedText': {
    background: 'none',
    textDecoration: 'underline var(--warn) 2px',
  },
  '.cm-collapsedLines': {
    background: 'var(--ground)',
    color: 'var(--quiet)',
    '&:before, &:after': { content: '"⋯"', color: 'var(--quiet)' },
  },
});

const COLOURS = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--accent)' },
  { tag: tags.string, color: 'var(--text)' },
  { tag: tags.comment, color: 'var(--quiet)', fontStyle: 'italic' },
  { tag: [tags.punctuation, tags.separator, tags.squareBracket, tags.brace], color: 'var(--quiet)' },
]);

export const THEME = [LOOKS, syntaxHighlighting(COLOURS)];

/** What a text hides from the eye is written out in the editor too. */
import { highlightSpecialChars } from '@codemirror/view';
import { HIDDEN, numberOf } from '../../../parts/visible.js';

export const UNSEEN_SIGNS = highlightSpecialChars({
  addSpecialChars: HIDDEN,
  render: (code, description) => {
    const sign = document.createElement('span');
    sign.className = 'cm-specialChar';
    sign.textContent = numberOf(code);
    sign.title = description ?? '';
    return sign;
  },
});

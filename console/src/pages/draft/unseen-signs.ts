/** What a text hides from the eye is written out in the editor too. */
import { highlightSpecialChars } from '@codemirror/view';
import { UNSEEN, numberOf } from '../../parts/unseen.js';

export const UNSEEN_SIGNS = highlightSpecialChars({
  addSpecialChars: UNSEEN,
  render: (code, description) => {
    const sign = document.createElement('span');
    sign.className = 'cm-specialChar';
    sign.textContent = numberOf(code);
    sign.title = description ?? '';
    return sign;
  },
});

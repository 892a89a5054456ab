import { langOfWhy } from '../../../http/headers/spoken.js';
import { noticeIn } from '../../../policy/notices.js';
import { titleIn, withLang } from '../../../policy/words.js';
import { timeText } from '../../../time.js';
import type { UserSettings } from '../settings.js';
import { LANG, TEXT, TIME, listOf, named, objectOf, said, wordOf } from '../../../http/contract/shapes.js';
import { BECAUSE } from '../causes/cause.js';
import { DISCLOSED } from './notice.shape.js';
import type { Tokens } from '../../log/consistency-token.js';
import type { Prompts } from './prompts.js';
import { SEEN_NOTICE, namedIn, needsOf, noticeView } from '../settings.view.js';
import { lapsesAfter } from '../grant-end.js';
import { sentenceFor } from '../causes/cause-sentences.js';

export const PROMPTS = named(
  'Prompts',
  objectOf({
    user: TEXT,
    policy: TEXT,
    revision: TEXT,
    language: TEXT,
    prompts: listOf(
      objectOf(
        {
          purpose: TEXT,
          title: TEXT,
          description: TEXT,
          because: wordOf(BECAUSE),
          why: TEXT,
          notice: SEEN_NOTICE,
          needs: listOf(TEXT),
          data: DISCLOSED,
        },
        LANG,
      ),
    ),
    not_before: said(
      'what not to ask for again before when',
      listOf(objectOf({ purpose: TEXT, title: TEXT, from: TIME }, LANG)),
    ),
  }),
);

/** What to ask a user for, in one language of the policy. */
export function promptsView(
  user: string,
  settings: UserSettings,
  prompts: Prompts,
  language: string,
  tokens: Tokens,
) {
  const { policy, revision } = settings;
  const named = namedIn(settings, language);
  return {
    user,
    policy: policy.id,
    revision: tokens.of(revision),
    language,
    prompts: prompts.ask.map(({ purpose, cause }) => {
      const notice = noticeIn(policy, purpose, language);
      return {
        purpose: purpose.id,
        title: notice.title,
        description: notice.description,
        ...withLang({ ...notice.lang, ...langOfWhy(language) }),
        because: cause.because,
        why: sentenceFor(cause, language, named),
        notice: { ...noticeView(notice), lapses_after: lapsesAfter(settings, purpose) ?? null },
        needs: needsOf(settings, purpose),
        data: notice.data,
      };
    }),
    not_before: prompts.notBefore.map(({ purpose, from }) => ({
      purpose: purpose.id,
      ...titleIn(policy.document, purpose, language),
      from: timeText(from),
    })),
  };
}

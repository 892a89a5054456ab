import { textsIn } from '../../decision/policy.js';
import { noticeIn } from '../../policy/notices.js';
import { timeText } from '../../time.js';
import type { UserSettings } from './settings.js';
import type { Tokens } from '../log/consistency-token.js';
import type { Prompts } from './prompts.js';
import { namedIn, needsOf, noticeView } from './settings.view.js';
import { sentenceFor } from './cause-sentences.js';

/** What a user is to be asked, in one language of the policy. */
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
        because: cause.because,
        why: sentenceFor(cause, language, named),
        notice: noticeView(notice),
        needs: needsOf(settings, purpose),
        data: notice.data,
      };
    }),
    not_before: prompts.notBefore.map(({ purpose, from }) => ({
      purpose: purpose.id,
      title: textsIn(purpose, language).title,
      from: timeText(from),
    })),
  };
}

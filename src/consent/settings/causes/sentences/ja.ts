/** Why a purpose is on or off, in Japanese. */
import type { Choice } from '../../../../decision/consent-event.js';
import type { Origin } from '../../history.js';
import { type Sentences, dayOf, serviceOf } from './sentences.js';

function turned(choice: Choice, origin: Origin | undefined): string {
  const way = choice === 'granted' ? 'オン' : 'オフ';
  if (origin === undefined) return `この利用は${way}にされましたが、誰がいつ行ったかの記録は残っていません`;
  const when = dated(origin);
  const service = serviceOf(origin);
  if (service === undefined) return `あなたが${when}この利用を${way}にしました`;
  return origin.via === 'import'
    ? `サービス「${service}」がこの設定を以前のシステムから引き継ぎました。そこでは${when}${way}にされていました`
    : `サービス「${service}」が${when}あなたに代わってこの利用を${way}にしました`;
}

export const japanese: Sentences = {
  default: ({ setting }, { law }) => {
    const where = law === null ? 'お住まいの地域が分からないため' : `お住まいの地域の法律（${law}）により`;
    switch (setting) {
      case 'always':
        return 'この利用は常にオンで、オフにすることはできません。';
      case 'opt_out':
        return `この利用について、あなたの回答はまだありません。${where}、あなたがオフにするまでオンになっています。`;
      case 'opt_in':
        return `この利用について、あなたの回答はまだありません。${where}、あなたがオンにするまでオフになっています。`;
    }
  },
  lapsed: ({ at }) =>
    `ここでの同意は期限付きで、その期限は${dayOf({ at }, 'ja')}に終わりました。あなたが改めて同意するまで、この利用はオフになっています。`,
  lapses_soon: ({ at }) =>
    `ここでの同意は${dayOf({ at }, 'ja')}まで有効です。あなたが改めて同意しない限り、その後この利用はオフになります。`,
  choice: ({ choice, origin }) =>
    origin?.via === 'expiry'
      ? `この利用は期間を限ってオンになっていましたが、その期間は${dated(origin)}終了しました。`
      : `${turned(choice, origin)}。`,
  signal: ({ origin }) => {
    const when = dated(origin);
    const service = serviceOf(origin);
    if (origin?.via === 'tcf')
      return `${service === undefined ? 'ほかのサイトまたはアプリ' : `サービス「${service}」`}から${when}伝えられたあなたの選択により、この利用はオフになっています。`;
    return service === undefined
      ? `ブラウザーが${when} Global Privacy Control の信号を送信したため、この利用はオフになっています。`
      : `ブラウザーが Global Privacy Control の信号を送信しているとサービス「${service}」から${when}連絡があったため、この利用はオフになっています。`;
  },
  dependency: ({ on }, { titleOf }) =>
    `この利用には「${titleOf(on)}」がオンであることが必要ですが、それがオフのため、この利用もオフになっています。`,
  age: ({ known }) =>
    known
      ? 'この利用は、未成年の方すべてについてオフになっています。'
      : '成年に達しているかどうかが分からないため、この利用はオフになっています。',
  notice: ({ accepted, origin }, { law }) => {
    const granted = turned('granted', origin);
    if (accepted !== null)
      return `${granted}。そのとき同意された内容がその後変わったため、あなたが改めて同意するまでオフになっています。`;
    const where = law === null ? '' : `お住まいの地域の法律（${law}）により`;
    return `${granted}。そのとき、同意は求められていませんでした。現在は${where}同意が必要なため、あなたが同意するまでオフになっています。`;
  },
  regime: ({ opens }, { law }) => {
    if (!opens)
      return 'あなたのデータをまったく使わないため、この利用はすべての人についてオフになっています。';
    return law === null
      ? 'お住まいの地域が分からないため、この利用はオフになっています。'
      : `お住まいの地域の法律（${law}）により、この利用はすべての人についてオフになっています。`;
  },
  unknown_user: () =>
    'お住まいの地域と、成年に達しているかどうかがまだ分からないため、この利用はオフになっています。',
};

function dated(origin: Origin | undefined): string {
  return origin === undefined ? '' : `${dayOf(origin, 'ja')}に`;
}

/** What an erasure keeps, in words for the person who was erased. */
import type { InEach } from '../../http/headers/spoken.js';

export const KINDS = [
  'erasure',
  'log',
  'erased_id',
  'erasure_list',
  'snapshot',
  'uses',
  'training_sets',
] as const;
export type Kind = (typeof KINDS)[number];
type Words = Readonly<Record<Kind, { readonly what: string; readonly why: string }>>;

const ENGLISH: Words = {
  erasure: {
    what: 'That somebody was erased, when, and whether by themselves or by which service; not who.',
    why: 'We must be able to show that we erase what we are asked to (GDPR article 5(2)).',
  },
  log: {
    what: 'When something was said and of which kind, under a number that leads to nobody any more, and a seal of what it was.',
    why: 'It shows that nobody has changed what others said. What you said cannot be read again by anybody.',
  },
  erased_id: {
    what: 'Your id, sealed.',
    why: 'Until then every part of the service forgets you, and nothing that is still on its way records you anew.',
  },
  erasure_list: {
    what: 'A keyed hash of your id, and the time, on a list that is kept apart from everything else.',
    why: 'By it you stay erased if the service has to be restored from an older copy (GDPR article 17). Nobody reads your id from it.',
  },
  snapshot: {
    what: 'A sealed copy of what stands for all users, which the parts of the service share.',
    why: 'A part that starts reads it. It is written anew without you within that time.',
  },
  uses: {
    what: 'Which services asked for data, and what they were answered, under that number.',
    why: 'We must be able to show who used data, and for what (GDPR article 5(2)).',
  },
  training_sets: {
    what: 'If data was taken for training: the handle of that set, which leads to nobody here.',
    why: 'By it, whoever keeps the set finds what is to be taken out of it.',
  },
};

const GERMAN: Words = {
  erasure: {
    what: 'Dass jemand gelöscht wurde, wann, und ob auf eigenen Wunsch oder durch welchen Dienst; nicht, wer.',
    why: 'Wir müssen nachweisen können, dass wir löschen, worum wir gebeten werden (Artikel 5 Absatz 2 DSGVO).',
  },
  log: {
    what: 'Wann etwas gesagt wurde und welcher Art es war, unter einer Nummer, die zu niemandem mehr führt, und ein Siegel davon.',
    why: 'Es zeigt, dass niemand verändert hat, was andere gesagt haben. Was Sie gesagt haben, kann niemand mehr lesen.',
  },
  erased_id: {
    what: 'Ihre Kennung, versiegelt.',
    why: 'Bis dahin vergisst Sie jeder Teil des Dienstes, und nichts, was noch unterwegs ist, legt Sie neu an.',
  },
  erasure_list: {
    what: 'Ein mit einem Schlüssel gebildeter Hashwert Ihrer Kennung und die Zeit, auf einer Liste, die von allem anderen getrennt ist.',
    why: 'Durch sie bleiben Sie gelöscht, wenn der Dienst aus einer älteren Kopie wiederhergestellt werden muss (Artikel 17 DSGVO). Ihre Kennung liest daraus niemand.',
  },
  snapshot: {
    what: 'Eine versiegelte Kopie dessen, was für alle gilt; die Teile des Dienstes teilen sie.',
    why: 'Ein Teil, der startet, liest sie. In dieser Zeit wird sie ohne Sie neu geschrieben.',
  },
  uses: {
    what: 'Welche Dienste nach Daten gefragt haben und was sie zur Antwort bekamen, unter dieser Nummer.',
    why: 'Wir müssen nachweisen können, wer Daten wofür verwendet hat (Artikel 5 Absatz 2 DSGVO).',
  },
  training_sets: {
    what: 'Falls Daten für ein Training entnommen wurden: die Bezeichnung darin, die hier zu niemandem führt.',
    why: 'Daran findet, wer die Sammlung hat, was herauszunehmen ist.',
  },
};

const FRENCH: Words = {
  erasure: {
    what: 'Qu’une personne a été effacée, quand, et si elle l’a fait elle-même ou par quel service\u00a0; pas qui.',
    why: 'Nous devons pouvoir démontrer que nous effaçons ce qu’on nous demande d’effacer (article 5, paragraphe 2, du RGPD).',
  },
  log: {
    what: 'Quand quelque chose a été dit et de quelle sorte, sous un numéro qui ne mène plus à personne, et un sceau de ce que c’était.',
    why: 'Cela montre que personne n’a modifié ce que d’autres ont dit. Personne ne peut plus lire ce que vous avez dit.',
  },
  erased_id: {
    what: 'Votre identifiant, scellé.',
    why: 'Jusque-là, chaque partie du service vous oublie, et rien de ce qui est encore en route ne vous enregistre à nouveau.',
  },
  erasure_list: {
    what: 'Une empreinte de votre identifiant, faite avec une clé, et la date, sur une liste séparée de tout le reste.',
    why: 'Grâce à elle, vous restez effacé si le service doit être rétabli à partir d’une copie plus ancienne (article 17 du RGPD). Personne n’y lit votre identifiant.',
  },
  snapshot: {
    what: 'Une copie scellée de ce qui vaut pour toutes les personnes, que les parties du service partagent.',
    why: 'Une partie qui démarre la lit. Elle est réécrite sans vous dans ce délai.',
  },
  uses: {
    what: 'Quels services ont demandé des données, et ce qui leur a été répondu, sous ce numéro.',
    why: 'Nous devons pouvoir montrer qui a utilisé des données, et pour quoi (article 5, paragraphe 2, du RGPD).',
  },
  training_sets: {
    what: 'Si des données ont été prises pour un entraînement\u00a0: la référence dans cet ensemble, qui ne mène ici à personne.',
    why: 'Elle permet à qui garde l’ensemble de trouver ce qui doit en être retiré.',
  },
};

const SPANISH: Words = {
  erasure: {
    what: 'Que se borró a alguien, cuándo, y si lo hizo por sí mismo o qué servicio lo hizo; no quién.',
    why: 'Debemos poder demostrar que borramos lo que se nos pide (artículo 5, apartado 2, del RGPD).',
  },
  log: {
    what: 'Cuándo se dijo algo y de qué tipo era, con un número que ya no lleva a nadie, y un sello de lo que fue.',
    why: 'Muestra que nadie ha cambiado lo que dijeron otros. Nadie puede volver a leer lo que dijo usted.',
  },
  erased_id: {
    what: 'Su identificador, sellado.',
    why: 'Hasta entonces cada parte del servicio le olvida, y nada que aún esté en camino le registra de nuevo.',
  },
  erasure_list: {
    what: 'Un resumen de su identificador, hecho con una clave, y la fecha, en una lista separada de todo lo demás.',
    why: 'Con ella sus datos siguen borrados si el servicio tiene que restaurarse de una copia anterior (artículo 17 del RGPD). Nadie lee su identificador en ella.',
  },
  snapshot: {
    what: 'Una copia sellada de lo que vale para todas las personas, que comparten las partes del servicio.',
    why: 'La lee cada parte que arranca. En ese plazo se escribe de nuevo sin usted.',
  },
  uses: {
    what: 'Qué servicios pidieron datos y qué se les respondió, con ese número.',
    why: 'Debemos poder mostrar quién usó datos y para qué (artículo 5, apartado 2, del RGPD).',
  },
  training_sets: {
    what: 'Si se tomaron datos para un entrenamiento: la referencia en ese conjunto, que aquí no lleva a nadie.',
    why: 'Con ella, quien guarda el conjunto encuentra lo que debe sacar de él.',
  },
};

const ARABIC: Words = {
  erasure: {
    what: 'أن شخصًا ما قد مُحيت بياناته، ومتى، وهل جرى ذلك بطلبه أو عبر أي خدمة، دون ذكر هويته.',
    why: 'علينا أن نكون قادرين على إثبات أننا نمحو ما يُطلب منا محوه (المادة 5 الفقرة 2 من اللائحة العامة لحماية البيانات).',
  },
  log: {
    what: 'متى قيل شيء ومن أي نوع كان، تحت رقم لم يعد يقود إلى أحد، وختم لما كان عليه.',
    why: 'يثبت ذلك أن أحدًا لم يغيّر ما قاله الآخرون. ولم يعد بإمكان أحد قراءة ما صدر منك.',
  },
  erased_id: {
    what: 'معرّفك، مختومًا.',
    why: 'حتى ذلك الحين ينساك كل جزء من الخدمة، ولا يعيد تسجيلك أي شيء لا يزال في الطريق.',
  },
  erasure_list: {
    what: 'بصمة لمعرّفك محسوبة بمفتاح، مع الوقت، في قائمة محفوظة بمعزل عن كل ما عداها.',
    why: 'بفضلها تبقى بياناتك ممحوة إذا لزمت استعادة الخدمة من نسخة أقدم (المادة 17 من اللائحة العامة لحماية البيانات). ولا يستطيع أحد قراءة معرّفك منها.',
  },
  snapshot: {
    what: 'نسخة مختومة مما هو سارٍ لجميع الأشخاص، تتشاركها أجزاء الخدمة.',
    why: 'يقرؤها كل جزء عند بدء تشغيله. وتُكتب من جديد من دونك خلال تلك المدة.',
  },
  uses: {
    what: 'أي الخدمات طلبت بيانات وبماذا أُجيبت، تحت ذلك الرقم.',
    why: 'علينا أن نكون قادرين على بيان من استخدم البيانات ولأي غرض (المادة 5 الفقرة 2 من اللائحة العامة لحماية البيانات).',
  },
  training_sets: {
    what: 'إذا أُخذت بيانات للتدريب: مرجعها في تلك المجموعة، وهو لا يقود هنا إلى أحد.',
    why: 'به يجد من يحتفظ بالمجموعة ما يجب إخراجه منها.',
  },
};

const JAPANESE: Words = {
  erasure: {
    what: '誰かのデータが消去されたこと、その日時、本人によるものかどのサービスによるものか。誰であるかは残りません。',
    why: '求められた消去を行ったことを示せなければならないためです（GDPR 第5条第2項）。',
  },
  log: {
    what: 'いつ、どのような種類の回答があったか（もう誰にもたどり着けない番号の下で）と、その内容の封印。',
    why: 'ほかの人の回答を誰も変えていないことを示します。あなたの回答は、もう誰も読むことができません。',
  },
  erased_id: {
    what: '封印されたあなたの ID。',
    why: 'それまでの間に、サービスのすべての部分があなたを忘れ、まだ届いていないものがあなたを改めて記録することもありません。',
  },
  erasure_list: {
    what: '鍵を使って計算したあなたの ID のハッシュ値と日時。ほかのすべてから分けて保管される一覧に載ります。',
    why: 'サービスを古い写しから復元する必要が生じても、あなたのデータが消去されたままになるようにするためです（GDPR 第17条）。そこからあなたの ID を読み取ることは誰にもできません。',
  },
  snapshot: {
    what: 'すべての人について有効な内容の封印された写し。サービスの各部分が共有します。',
    why: '起動する部分がこれを読みます。この期間内に、あなたを除いて書き直されます。',
  },
  uses: {
    what: 'どのサービスがデータを求め、どう回答されたか（その番号の下で）。',
    why: '誰が何のためにデータを使ったかを示せなければならないためです（GDPR 第5条第2項）。',
  },
  training_sets: {
    what: '学習用にデータが取り出されていた場合、その集まりの中での参照番号。ここでは誰にもたどり着けません。',
    why: 'これにより、その集まりを持つ側が、取り除くべきものを見つけられます。',
  },
};

export const KEPT_WORDS: InEach<Words> = {
  en: ENGLISH,
  de: GERMAN,
  fr: FRENCH,
  es: SPANISH,
  ar: ARABIC,
  ja: JAPANESE,
};

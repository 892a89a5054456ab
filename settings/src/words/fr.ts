import type { Words } from './en.js';

const one = new Intl.PluralRules('fr');
const uses = (count: number) =>
  one.select(count) === 'one' ? `${count} utilisation` : `${count} utilisations`;

export const fr: Words = {
  title: 'Vos données, vos réglages',
  sections: 'Rubriques',
  language: 'Langue',
  views: {
    settings: 'Réglages',
    review: 'À revoir',
    uses: 'Qui a utilisé mes données',
    record: 'Mon dossier',
  },
  tryAgain: 'Réessayer',
  signIn: 'Se connecter',
  signOut: 'Se déconnecter',
  saving: 'Enregistrement. Ce qui est affiché reste valable.',

  settings: 'À quoi servent vos données',
  law: (title) => `Le droit de votre lieu de résidence : ${title}`,
  on: 'Activé',
  off: 'Désactivé',
  refuse: 'Refuser',
  allow: 'Accepter',
  question: (title) => `${title} : votre réponse`,
  refuseAll: 'Tout refuser',
  refuseAllWhat: (count) =>
    count === 0 ? 'Tout ce qui peut être refusé est désactivé.' : `Désactive ${uses(count)}, en une fois.`,
  gpc: (count) =>
    `Votre navigateur envoie Global Privacy Control : ne pas vendre ni partager mes données. Il est respecté et ferme ${uses(count)}.`,
  ifAllowed: 'Accepter : ces données peuvent y servir.',
  ifRefused: 'Refuser : ces données n’y servent pas.',
  alsoCloses: (titles) => `Cela désactive aussi : ${titles}.`,
  alsoOpens: (titles) => `Cela active aussi : ${titles}.`,
  holdsFor: (duration) =>
    `Cela vaut pour une durée de ${duration}. La question vous sera ensuite posée à nouveau.`,
  staysOffUntil: (titles) => `Cela reste désactivé jusqu’à l’activation de : ${titles}.`,
  againstSignal: 'Accepter compte même si votre navigateur envoie Global Privacy Control.',
  data: (count) =>
    one.select(count) === 'one'
      ? `Vos données utilisées : ${count} type`
      : `Vos données utilisées : ${count} types`,
  noData: 'Aucune de vos données n’est utilisée.',
  categories: {
    public: 'Public',
    profile: 'Profil',
    engagement: 'Ce que vous faites ici',
    private_message: 'Messages privés',
  },
  setAt: (time) => `Depuis : ${time}`,
  endsOn: (day) => `Votre accord prend fin le ${day}.`,
  onSince: (time) => `Activé, pour toute décision depuis : ${time}`,
  offSince: (time) => `Désactivé, pour toute décision depuis : ${time}`,
  allOffSince: (time) => `Tout ce qui peut être refusé est désactivé, pour toute décision depuis : ${time}`,
  levelSince: (level, time) => `${level}, pour toute décision depuis : ${time}`,
  recordedAndOff: (time) => `Enregistré : ${time}. Cela reste désactivé.`,
  recordedAndOn: (time) => `Enregistré : ${time}. Cela reste activé.`,
  recorded: 'Enregistré. Voici l’état actuel.',
  unsent: (answer: string) =>
    `Votre réponse était « ${answer} ». La session avait pris fin, elle n’a pas été enregistrée.`,
  recordedUnread: 'Enregistré. L’état actuel n’a pas pu être lu.',
  undo: 'Annuler',
  undone: (time) => `Annulé : ${time}. L’état actuel figure ci-dessous.`,
  undonePartly: 'Tout n’a pas été annulé. L’état actuel figure ci-dessous.',
  visibility: 'Qui peut voir vos données',

  review: 'Ce qui vous est demandé',
  reviewNothing: 'Rien ne vous est demandé pour le moment.',
  agreed: 'Ce que vous avez accepté',
  today: 'Le texte d’aujourd’hui',
  changedWords: 'Les mots retirés sont barrés, les mots nouveaux sont soulignés.',
  agreedUnknown: 'Le texte que vous aviez accepté n’a pas pu être lu.',
  notBefore: 'Ce qui ne vous sera pas redemandé',
  notBeforeWhen: (title, time) => `${title} : pas avant le ${time}`,

  uses: 'Qui a utilisé vos données',
  usesNothing: 'Personne n’a utilisé vos données.',
  completeUntil: (time) => `Complet jusqu’au ${time}`,
  permitted: 'Permis',
  refused: 'Refusé',
  times: (count) => `${count} fois`,
  governedBy: (title) => `Aller au réglage : ${title}`,
  reviewed: (role, items) =>
    items === null
      ? `Des personnes ont lu des messages, en tant que ${role}.`
      : `Des personnes ont pu lire ${items <= 1 ? `${items} message` : `${items} messages`}, en tant que ${role}.`,
  underCase: (id) => `Dossier ${id}`,
  lookups: 'Le personnel qui a consulté votre dossier',
  earlier: 'Afficher les précédents',

  record: 'Votre dossier',
  history: 'Tout ce qui a été dit pour vous',
  historyNothing: 'Rien n’a encore été dit.',
  choice: { granted: 'Accepté', denied: 'Refusé', none: 'Repris ou arrivé à terme' },
  signal: 'Global Privacy Control de votre navigateur',
  profile: (region) => `Votre lieu de résidence : ${region}`,
  by: {
    user: () => 'par vous',
    service: (id) => `par le service ${id}`,
    engine: () => 'automatiquement',
  },
  via: {
    settings: 'sur une page de réglages',
    gpc: 'par un signal de votre navigateur',
    tcf: 'par un choix sur un autre site',
    import: 'repris d’un système antérieur',
    expiry: 'parce que sa durée a pris fin',
    lapse: 'parce que le consentement vaut pour une durée limitée',
    birthday: 'parce que vous êtes devenu majeur',
  },
  receipt: 'Reçu',
  receiptOf: (what) => `Reçu : ${what}`,
  genuine: (time) => `Authentique : signé par ce service le ${time}, vérifié dans votre navigateur.`,
  forged: 'Non authentique : la signature n’est pas celle de ce service. Ne vous y fiez pas.',
  unchecked: 'Votre navigateur ne peut pas vérifier la signature. Le fichier peut être vérifié ailleurs.',
  keepReceipt: 'Garder le reçu',
  export: 'Tout emporter',
  exportWhat:
    'Tout ce qui est conservé sur vous : réglages, historique, qui a utilisé quoi et qui l’a consulté.',
  exportFile: 'Un fichier pour ordinateurs (JSON)',
  exportPage: 'Une page à lire (HTML)',
  exported: 'Le fichier est complet. Votre navigateur le garde avec vos téléchargements.',
  erasure: 'Effacer votre dossier',
  erasureGoes:
    'Ce qui disparaît pour toujours : vos choix, votre profil ici, votre historique et vos reçus. Personne ne pourra plus les lire, et plus rien de ce qui exige votre accord n’est permis ensuite.',
  erasureStays:
    'Ce qui reste : quand quelque chose a été dit, sous un numéro qui ne mène à personne, et le fait que quelqu’un a été effacé ; sans cela, l’intégrité du journal ne pourrait pas être prouvée. Ce que les services savent eux-mêmes de vous, c’est à eux de l’effacer : demandez-leur.',
  erasureType: (word) => `Pour continuer, saisissez ${word}`,
  erasureWord: 'EFFACER',
  erasureMistyped: (word) => `Rien n’a été effacé. Saisissez d’abord ${word} dans le champ.`,
  erase: 'Effacer mon dossier',
  erased: 'Votre dossier est effacé. Cette page ne demande plus rien.',
  kept: 'Ce qui est conservé, et pourquoi',
  keptUntil: (day) => `Jusqu’au ${day}.`,
  erasedNone: 'Il n’y avait aucun dossier de vous à effacer.',

  failed: {
    signed_out: 'Vous êtes déconnecté. Rien n’a été modifié.',
    not_allowed: 'Votre connexion ne permet pas de lire ou de modifier ceci. Rien n’a été modifié.',
    changed_meanwhile: 'Ceci a changé pendant votre lecture. Voici l’état actuel ; rien n’a été enregistré.',
    nothing_recorded: 'L’utilisation des données n’est pas enregistrée ici.',
    no_answer:
      'Aucune réponse n’est arrivée. Ce qui est affiché est ce qui a été confirmé en dernier. Réessayer ne peut pas l’enregistrer deux fois.',
    unavailable: 'Le service n’a pas pu le confirmer. Réessayer ne peut pas l’enregistrer deux fois.',
    not_understood: 'La réponse n’a pas pu être comprise ; elle n’est donc pas affichée.',
  },
};

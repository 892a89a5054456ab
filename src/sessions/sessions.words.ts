/** The words of the pages on which people sign in. */
import type { InEach } from '../http/headers/spoken.js';

export type SessionWords = {
  readonly signIn: string;
  readonly signedOut: string;
  readonly signedOutSays: string;
  readonly goingOn: string;
  readonly goingOnSays: string;
  readonly goOn: string;
  readonly notSignedIn: string;
  /** What went wrong, by the code of the error. */
  readonly failed: {
    readonly sign_in_failed: string;
    readonly not_own_page: string;
    readonly invalid_request: string;
    readonly route_not_found: string;
    readonly identity_unavailable: string;
    /** Any other code. */
    readonly other: string;
  };
  /** The picker of development mode. */
  readonly picker: {
    readonly title: string;
    readonly says: string;
    readonly id: string;
    readonly roles: string;
  };
};

export const SESSION_WORDS: InEach<SessionWords> = {
  en: {
    signIn: 'Sign in',
    signedOut: 'You are signed out',
    signedOutSays: 'This browser shows nothing of yours any more.',
    goingOn: 'Going on',
    goingOnSays: 'The next page follows by itself.',
    goOn: 'Go on',
    notSignedIn: 'You are not signed in',
    failed: {
      sign_in_failed: 'Signing in did not succeed. You can begin again.',
      not_own_page: 'This is possible from a page of this service alone.',
      invalid_request: 'What was sent cannot be used. Go back and correct it.',
      route_not_found: 'People do not sign in here.',
      identity_unavailable: 'The identity provider does not answer. Try again shortly.',
      other: 'This is not possible now. Try again shortly.',
    },
    picker: {
      title: 'Sign in as anybody',
      says: 'Assent runs in development mode on this machine. In production people sign in at your identity provider.',
      id: 'Id of the person',
      roles: 'Roles: a person with one is an admin, a person without is a user',
    },
  },
  de: {
    signIn: 'Anmelden',
    signedOut: 'Sie sind abgemeldet',
    signedOutSays: 'Dieser Browser zeigt nichts mehr von Ihnen.',
    goingOn: 'Es geht weiter',
    goingOnSays: 'Die nächste Seite folgt von selbst.',
    goOn: 'Weiter',
    notSignedIn: 'Sie sind nicht angemeldet',
    failed: {
      sign_in_failed: 'Die Anmeldung ist nicht gelungen. Sie können neu beginnen.',
      not_own_page: 'Dies ist nur von einer Seite dieses Dienstes aus möglich.',
      invalid_request: 'Die Eingabe kann nicht verwendet werden. Gehen Sie zurück und berichtigen Sie sie.',
      route_not_found: 'Hier meldet sich niemand an.',
      identity_unavailable: 'Der Anmeldedienst antwortet nicht. Versuchen Sie es in Kürze noch einmal.',
      other: 'Dies ist zurzeit nicht möglich. Versuchen Sie es in Kürze noch einmal.',
    },
    picker: {
      title: 'Als beliebige Person anmelden',
      says: 'Assent läuft auf diesem Rechner im Entwicklungsmodus. Im Betrieb melden sich Menschen bei Ihrem Anmeldedienst an.',
      id: 'Kennung der Person',
      roles: 'Rollen: Mit einer verwaltet die Person den Dienst, ohne Rolle nutzt sie ihn',
    },
  },
  fr: {
    signIn: 'Se connecter',
    signedOut: 'Vous n’avez plus de session ouverte',
    signedOutSays: 'Ce navigateur n’affiche plus rien de vos données.',
    goingOn: 'Suite',
    goingOnSays: 'La page suivante s’affiche d’elle-même.',
    goOn: 'Continuer',
    notSignedIn: 'Aucune session n’est ouverte',
    failed: {
      sign_in_failed: 'La connexion n’a pas abouti. Vous pouvez recommencer.',
      not_own_page: 'Cela n’est possible que depuis une page de ce service.',
      invalid_request:
        'Les données envoyées ne peuvent pas être utilisées. Revenez en arrière et corrigez-les.',
      route_not_found: 'La connexion ne se fait pas ici.',
      identity_unavailable: 'Le fournisseur d’identité ne répond pas. Réessayez dans un instant.',
      other: 'Cela n’est pas possible pour le moment. Réessayez dans un instant.',
    },
    picker: {
      title: 'Se connecter au nom de n’importe qui',
      says: 'Assent fonctionne en mode développement sur cette machine. En production, la connexion se fait auprès de votre fournisseur d’identité.',
      id: 'Identifiant de la personne',
      roles: 'Rôles\u00a0: avec un rôle, la personne administre le service\u00a0; sans rôle, elle l’utilise',
    },
  },
  es: {
    signIn: 'Iniciar sesión',
    signedOut: 'Ha cerrado la sesión',
    signedOutSays: 'Este navegador ya no muestra nada suyo.',
    goingOn: 'Continuación',
    goingOnSays: 'La página siguiente aparece por sí sola.',
    goOn: 'Continuar',
    notSignedIn: 'No ha iniciado sesión',
    failed: {
      sign_in_failed: 'No se pudo iniciar la sesión. Puede empezar de nuevo.',
      not_own_page: 'Esto solo es posible desde una página de este servicio.',
      invalid_request: 'Lo enviado no se puede usar. Vuelva atrás y corríjalo.',
      route_not_found: 'Aquí no se inicia sesión.',
      identity_unavailable: 'El proveedor de identidad no responde. Inténtelo de nuevo en breve.',
      other: 'Esto no es posible ahora. Inténtelo de nuevo en breve.',
    },
    picker: {
      title: 'Iniciar sesión como cualquier persona',
      says: 'Assent funciona en modo de desarrollo en esta máquina. En producción, la sesión se inicia en su proveedor de identidad.',
      id: 'Identificador de la persona',
      roles: 'Roles: con uno, la persona administra el servicio; sin ninguno, lo usa',
    },
  },
  ar: {
    signIn: 'تسجيل الدخول',
    signedOut: 'تم تسجيل خروجك',
    signedOutSays: 'لم يعد هذا المتصفح يعرض أيًّا من بياناتك.',
    goingOn: 'المتابعة',
    goingOnSays: 'تظهر الصفحة التالية تلقائيًا.',
    goOn: 'متابعة',
    notSignedIn: 'لم يتم تسجيل دخولك',
    failed: {
      sign_in_failed: 'لم ينجح تسجيل الدخول. يمكن البدء من جديد.',
      not_own_page: 'هذا ممكن من صفحات هذه الخدمة وحدها.',
      invalid_request: 'لا يمكن استخدام ما أُرسل. يلزم الرجوع وتصحيحه.',
      route_not_found: 'تسجيل الدخول لا يتم هنا.',
      identity_unavailable: 'مزوّد الهوية لا يجيب. يمكن إعادة المحاولة بعد قليل.',
      other: 'هذا غير ممكن الآن. يمكن إعادة المحاولة بعد قليل.',
    },
    picker: {
      title: 'تسجيل الدخول باسم أي شخص',
      says: 'تعمل خدمة Assent في وضع التطوير على هذا الجهاز. أما في وضع التشغيل فيتم تسجيل الدخول لدى مزوّد الهوية الذي تعتمدونه.',
      id: 'معرّف الشخص',
      roles: 'الأدوار: من له دور يدير الخدمة، ومن لا دور له يستخدمها',
    },
  },
  ja: {
    signIn: 'サインイン',
    signedOut: 'サインアウトしました',
    signedOutSays: 'このブラウザーには、あなたの情報はもう表示されません。',
    goingOn: '次へ進みます',
    goingOnSays: '次のページは自動的に表示されます。',
    goOn: '進む',
    notSignedIn: 'サインインしていません',
    failed: {
      sign_in_failed: 'サインインできませんでした。最初からやり直せます。',
      not_own_page: 'この操作は、このサービスのページからのみ行えます。',
      invalid_request: '送信された内容は使用できません。前のページに戻って修正してください。',
      route_not_found: 'ここではサインインできません。',
      identity_unavailable: 'ID プロバイダーが応答しません。しばらくしてからもう一度お試しください。',
      other: '現在この操作はできません。しばらくしてからもう一度お試しください。',
    },
    picker: {
      title: '任意の人としてサインイン',
      says: 'このコンピューターでは、Assent が開発モードで動作しています。本番環境では、ご利用の ID プロバイダーでサインインします。',
      id: '人の ID',
      roles: 'ロール：ロールがある人は管理者、ない人は利用者です',
    },
  },
};

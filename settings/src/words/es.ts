import type { Words } from './en.js';

const one = new Intl.PluralRules('es');
const uses = (count: number) => (one.select(count) === 'one' ? '1 uso' : `${count} usos`);

export const es: Words = {
  title: 'Sus datos, sus ajustes',
  sections: 'Secciones',
  language: 'Idioma',
  views: {
    settings: 'Ajustes',
    review: 'Revisar',
    uses: 'Quién usó mis datos',
    record: 'Mi registro',
  },
  tryAgain: 'Intentar de nuevo',
  signIn: 'Iniciar sesión',
  signOut: 'Cerrar sesión',
  saving: 'Guardando. Lo que se muestra sigue vigente.',

  settings: 'Para qué se usan sus datos',
  law: (title) => `La ley del lugar donde vive: ${title}`,
  on: 'Activado',
  off: 'Desactivado',
  refuse: 'Rechazar',
  allow: 'Permitir',
  question: (title) => `${title}: su respuesta`,
  refuseAll: 'Rechazar todo',
  refuseAllWhat: (count) =>
    count === 0 ? 'Todo lo que se puede rechazar está desactivado.' : `Desactiva ${uses(count)}, de una vez.`,
  gpc: (count) =>
    `Su navegador envía Global Privacy Control: no vender ni compartir mis datos. Se respeta y cierra ${uses(count)}.`,
  ifAllowed: 'Permitir: estos datos pueden usarse para esto.',
  ifRefused: 'Rechazar: estos datos no se usan para esto.',
  alsoCloses: (titles) => `También desactiva: ${titles}.`,
  staysOffUntil: (titles) => `Sigue desactivado hasta que se active: ${titles}.`,
  againstSignal: 'Permitir cuenta aunque su navegador envíe Global Privacy Control.',
  data: (count) =>
    one.select(count) === 'one' ? 'Datos suyos que usa: 1 tipo' : `Datos suyos que usa: ${count} tipos`,
  noData: 'No usa ninguno de sus datos.',
  categories: {
    public: 'Público',
    profile: 'Perfil',
    engagement: 'Lo que hace aquí',
    private_message: 'Mensajes privados',
  },
  setAt: (time) => `Desde: ${time}`,
  onSince: (time) => `Activado, para toda decisión desde: ${time}`,
  offSince: (time) => `Desactivado, para toda decisión desde: ${time}`,
  allOffSince: (time) => `Todo lo que se puede rechazar está desactivado, para toda decisión desde: ${time}`,
  levelSince: (level, time) => `${level}, para toda decisión desde: ${time}`,
  recordedAndOff: (time) => `Registrado: ${time}. Sigue desactivado.`,
  recordedUnread: 'Registrado. No se pudo leer lo que rige ahora.',
  undo: 'Deshacer',
  undone: (time) => `Deshecho: ${time}. Abajo está lo que rige ahora.`,
  visibility: 'Quién puede ver sus datos',

  review: 'Lo que se le pregunta',
  reviewNothing: 'Ahora no se le pregunta nada.',
  agreed: 'Lo que usted aceptó',
  today: 'Lo que dice hoy',
  changedWords: 'Las palabras retiradas están tachadas; las nuevas, subrayadas.',
  agreedUnknown: 'No se pudo leer el texto que usted aceptó entonces.',
  notBefore: 'Lo que no se le volverá a preguntar',
  notBeforeWhen: (title, time) => `${title}: no antes del ${time}`,

  uses: 'Quién usó sus datos',
  usesNothing: 'Nadie ha usado sus datos.',
  completeUntil: (time) => `Completo hasta el ${time}`,
  permitted: 'Permitido',
  refused: 'Denegado',
  times: (count) => (one.select(count) === 'one' ? 'una vez' : `${count} veces`),
  governedBy: (title) => `Ir al ajuste: ${title}`,
  reviewed: (role, items) =>
    items === null
      ? `Hubo personas que leyeron mensajes, como ${role}.`
      : `Hubo personas que pudieron leer ${items === 1 ? '1 mensaje' : `${items} mensajes`}, como ${role}.`,
  underCase: (id) => `Caso ${id}`,
  lookups: 'Personal que consultó su registro',
  earlier: 'Mostrar anteriores',

  record: 'Su registro',
  history: 'Todo lo que se ha dicho por usted',
  historyNothing: 'Aún no se ha dicho nada.',
  choice: { granted: 'Permitido', denied: 'Rechazado' },
  signal: 'Global Privacy Control de su navegador',
  profile: (region) => `Dónde vive: ${region}`,
  by: {
    user: () => 'por usted',
    service: (id) => `por el servicio ${id}`,
    engine: () => 'automáticamente',
  },
  via: {
    settings: 'en una página de ajustes',
    gpc: 'por una señal de su navegador',
    tcf: 'por una elección en otro sitio',
    import: 'tomado de un sistema anterior',
    expiry: 'porque terminó su plazo',
    birthday: 'porque alcanzó la mayoría de edad',
  },
  receipt: 'Recibo',
  receiptOf: (what) => `Recibo: ${what}`,
  genuine: (time) => `Auténtico: firmado por este servicio el ${time}, comprobado en su navegador.`,
  forged: 'No es auténtico: la firma no es de este servicio. No confíe en él.',
  unchecked: 'Su navegador no puede comprobar la firma. El archivo se puede comprobar en otro lugar.',
  keepReceipt: 'Guardar el recibo',
  export: 'Llevarse todo',
  exportWhat: 'Todo lo que se guarda sobre usted: ajustes, historial, quién usó qué y quién lo consultó.',
  exportFile: 'Un archivo para ordenadores (JSON)',
  exportPage: 'Una página para leer (HTML)',
  exported: 'El archivo está completo. Su navegador lo guarda con sus descargas.',
  erasure: 'Borrar su registro',
  erasureGoes:
    'Lo que desaparece para siempre: sus decisiones, su perfil aquí, su historial y sus recibos. Nadie podrá volver a leerlos, y desde entonces no se permite nada que necesite su palabra.',
  erasureStays:
    'Lo que queda: cuándo se dijo algo, bajo un número que no lleva a nadie, y que se borró a alguien. Sin eso no se podría probar que el registro está íntegro. Lo que los servicios saben de usted deben borrarlo ellos: pídaselo.',
  erasureType: (word) => `Para continuar, escriba ${word}`,
  erasureWord: 'BORRAR',
  erasureMistyped: (word) => `No se borró nada. Escriba primero ${word} en el campo.`,
  erase: 'Borrar mi registro',
  erased: 'Su registro está borrado. Esta página no pide nada más.',
  erasedNone: 'No había ningún registro suyo que borrar.',

  failed: {
    signed_out: 'Su sesión está cerrada. No se cambió nada.',
    not_allowed: 'Con su sesión esto no se puede leer ni cambiar. No se cambió nada.',
    changed_meanwhile: 'Esto cambió mientras leía. Así está ahora; no se registró nada.',
    nothing_recorded: 'Aquí no se registra quién usa los datos.',
    no_answer:
      'No llegó ninguna respuesta, así que nada se muestra como cambiado. Intentarlo de nuevo no puede registrarlo dos veces.',
    unavailable: 'El servicio no pudo confirmarlo. Intentarlo de nuevo no puede registrarlo dos veces.',
    not_understood: 'No se pudo entender la respuesta, así que no se muestra.',
  },
};

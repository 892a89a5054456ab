/** The reasons of decisions as sentences: English is the engine's own. */
import { REASONS, type Reason } from '../../../src/decision/reasons.js';
import type { Language } from './words.js';

const GERMAN: Readonly<Record<Reason, string>> = {
  record_unavailable: 'Die Entscheidung lässt sich nicht aufzeichnen, also ist nichts erlaubt',
  unknown_purpose: 'Die Richtlinie nennt keinen solchen Zweck',
  unknown_action: 'Die einzige Handlung ist `read`',
  unknown_field: 'Die Richtlinie nennt kein solches Feld',
  field_unclassified: 'Das Feld hat noch keine Kategorie, also darf es niemand lesen',
  purpose_not_allowed_for_client: 'Der Client darf nicht nach dem Zweck fragen',
  floor: 'Die Untergrenze verschließt die Kategorie des Feldes für diesen Zweck',
  field_prohibited: 'Das Feld ist dem Zweck durch sein `never` oder `only` verschlossen',
  category_not_allowed: 'Der Zweck liest die Kategorie des Feldes nicht',
  provenance_not_allowed: 'Der Zweck liest keine Daten der Herkunft des Feldes',
  consent_unavailable: 'Der Stand der Einwilligung lässt sich nicht lesen oder nicht als frisch belegen',
  unknown_user:
    'Die Person wurde nie registriert, also dürfen nur Zwecke lesen, die immer eingeschaltet sind',
  regime_never: 'Der Zweck oder einer, von dem er abhängt, ist im Rechtsraum der Person geschlossen',
  needs_opt_in: 'Die Person hat in den Zweck oder einen, von dem er abhängt, nicht eingewilligt',
  opted_out: 'Die Person hat den Zweck oder einen, von dem er abhängt, abgelehnt',
  signal_opted_out: 'Ein Signal der Person schließt den Zweck oder einen, von dem er abhängt',
  age: 'Der Zweck ist für Minderjährige geschlossen, und die Person ist minderjährig oder nicht als erwachsen bekannt',
  notice_outdated: 'Die Person hat zu Bedingungen eingewilligt, die sich seither geändert haben',
  needs_automated_actor: 'Nur ein automatischer Vorgang darf für den Zweck lesen',
  needs_case: 'Der Zweck braucht einen offenen Fall',
  case_not_approved: 'Der Fall wartet auf die Freigabe einer zweiten Person',
  case_closed: 'Der Fall wurde geschlossen',
  case_expired: 'Der Fall ist abgelaufen',
  case_scope: 'Der Fall umfasst diesen Zweck, diese Person, dieses Feld oder diesen Inhalt nicht',
  case_reader: 'Wer liest, gehört nicht zum Fall oder hat sich nicht ausgewiesen',
  needs_legal_reference: 'Der Zweck braucht ein rechtliches Aktenzeichen in der Anfrage',
  not_own_data: 'Der Zweck liest nur für die Person, um deren Daten es geht',
  permitted: 'Nichts steht dagegen',
};

/** @returns a sentence without a full stop */
export function sentenceOf(reason: Reason, language: Language): string {
  return language === 'de' ? GERMAN[reason] : upperFirst(REASONS[reason].means);
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

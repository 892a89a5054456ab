import type { ReasonWords } from './reason-words.js';

export const german: ReasonWords = {
  reasons: {
    record_unavailable: 'die Entscheidung kann nicht aufgezeichnet werden, daher ist nichts erlaubt',
    unknown_purpose: 'die Richtlinie nennt keinen solchen Zweck',
    unknown_action: 'die einzige Handlung ist `read`',
    unknown_field: 'die Richtlinie nennt kein solches Feld',
    field_unclassified: 'das Feld hat noch keine Kategorie, daher darf niemand es lesen',
    purpose_not_allowed_for_client: 'der Dienst darf nicht für diesen Zweck fragen',
    floor: 'der Zweck liegt außerhalb dessen, was je eine Richtlinie für diese Kategorie öffnen darf',
    field_prohibited: 'das Feld ist für den Zweck durch sein `never` oder `only` verschlossen',
    category_not_allowed: 'der Zweck liest die Kategorie des Feldes nicht',
    provenance_not_allowed: 'der Zweck liest keine Daten dieser Herkunft',
    consent_unavailable:
      'der Stand der Einwilligungen kann nicht gelesen oder nicht als aktuell nachgewiesen werden',
    unknown_user:
      'die Person ist nicht registriert, daher dürfen nur Zwecke lesen, die immer eingeschaltet sind',
    regime_never:
      'der Zweck, oder einer, auf dem er beruht, ist nach dem Recht am Wohnort der Person verschlossen',
    needs_opt_in: 'die Person hat in den Zweck, oder in einen, auf dem er beruht, nicht eingewilligt',
    opted_out: 'die Person hat den Zweck, oder einen, auf dem er beruht, abgelehnt',
    signal_opted_out: 'ein Signal der Person verschließt den Zweck oder einen, auf dem er beruht',
    age: 'der Zweck ist für Minderjährige verschlossen, und die Person ist minderjährig oder ihre Volljährigkeit nicht bekannt',
    notice_outdated: 'die Person hat zu Bedingungen eingewilligt, die sich seither geändert haben',
    needs_automated_actor: 'nur ein automatischer Vorgang darf für den Zweck lesen',
    needs_case: 'der Zweck braucht einen offenen Fall',
    case_not_approved: 'der Fall wartet auf die Zustimmung einer zweiten Person',
    case_closed: 'der Fall wurde geschlossen',
    case_expired: 'der Fall ist abgelaufen',
    case_scope: 'der Fall umfasst diesen Zweck, diese Person, dieses Feld oder diesen Gegenstand nicht',
    case_reader: 'wer lesen wollte, gehört nicht zum Fall oder hat sich nicht ausgewiesen',
    needs_legal_reference: 'der Zweck braucht ein rechtliches Aktenzeichen',
    not_own_data: 'der Zweck liest nur für die Person, von der die Daten handeln',
    permitted: 'nichts steht dem entgegen',
  },
  discharged: (client) => `nach Angabe des Dienstes „${client}“ erfüllt`,
};

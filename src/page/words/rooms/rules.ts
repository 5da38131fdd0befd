/** Of what an administrator decides. */
export const rules = {
  en: {
    'place.reasons': 'Reasons',
    'reasons.title': 'Reasons of verdicts',
    'reasons.lead':
      'Earlier verdicts keep their reason, so no code is removed: end it, and no new verdict has it.',
    'reasons.twoPersons':
      'The list is part of the policy. It is in force when you save it. Only what loosens the policy waits for a second person.',
    'reasons.builtIn': '(everywhere)',
    'reasons.new': 'New reason',
    'reasons.code': 'Code: lower-case letters, digits and hyphens; it stays for ever',
    'reasons.label.en': 'English',
    'reasons.label.fr': 'French',
    'reasons.label.es': 'Spanish',
    'reasons.usualFor': 'Proposed for',
    'reasons.active': 'Offered to readers',
    'reasons.always': 'Always offered',
    'reasons.add': 'Add a reason',
    'reasons.save': 'Save the list',
    'reasons.inForce': 'Version {version} of the policy, in force since {when}.',
    'reasons.proposal':
      'A change of the policy of {when} waits for a second person. The list can be changed when that is decided. Who proposed it cannot confirm it.',
    'reasons.confirm': 'Confirm the change',
  },
  fr: {
    'place.reasons': 'Motifs',
    'reasons.title': 'Motifs des verdicts',
    'reasons.lead':
      'Les verdicts passés gardent leur motif ; aucun code n’est donc supprimé : mettez-y fin, et aucun nouveau verdict ne l’aura.',
    'reasons.twoPersons':
      'La liste fait partie de la politique. Elle est en vigueur dès que vous l’enregistrez. Seul ce qui assouplit la politique attend une seconde personne.',
    'reasons.builtIn': '(partout)',
    'reasons.new': 'Nouveau motif',
    'reasons.code': 'Code : lettres minuscules, chiffres et traits d’union ; il reste pour toujours',
    'reasons.label.en': 'Anglais',
    'reasons.label.fr': 'Français',
    'reasons.label.es': 'Espagnol',
    'reasons.usualFor': 'Proposé pour',
    'reasons.active': 'Proposé aux lecteurs',
    'reasons.always': 'Toujours proposé',
    'reasons.add': 'Ajouter un motif',
    'reasons.save': 'Enregistrer la liste',
    'reasons.inForce': 'Version {version} de la politique, en vigueur depuis le {when}.',
    'reasons.proposal':
      'Une modification de la politique du {when} attend une seconde personne. La liste pourra être modifiée une fois cela décidé. Qui l’a proposée ne peut pas la confirmer.',
    'reasons.confirm': 'Confirmer la modification',
  },
  es: {
    'place.reasons': 'Motivos',
    'reasons.title': 'Motivos de los veredictos',
    'reasons.lead':
      'Los veredictos anteriores conservan su motivo; por eso no se borra ningún código: termínelo, y ningún veredicto nuevo lo tendrá.',
    'reasons.twoPersons':
      'La lista es parte de la política. Está en vigor en cuanto la guarda. Solo lo que afloja la política espera a una segunda persona.',
    'reasons.builtIn': '(en todas partes)',
    'reasons.new': 'Motivo nuevo',
    'reasons.code': 'Código: minúsculas, cifras y guiones; queda para siempre',
    'reasons.label.en': 'Inglés',
    'reasons.label.fr': 'Francés',
    'reasons.label.es': 'Español',
    'reasons.usualFor': 'Propuesto para',
    'reasons.active': 'Se ofrece a los lectores',
    'reasons.always': 'Siempre se ofrece',
    'reasons.add': 'Añadir un motivo',
    'reasons.save': 'Guardar la lista',
    'reasons.inForce': 'Versión {version} de la política, en vigor desde el {when}.',
    'reasons.proposal':
      'Un cambio de la política del {when} espera a una segunda persona. La lista se podrá cambiar cuando eso se decida. Quien lo propuso no puede confirmarlo.',
    'reasons.confirm': 'Confirmar el cambio',
  },
} as const;

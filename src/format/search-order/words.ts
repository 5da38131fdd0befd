import Type, { type Static } from 'typebox';
import type { VerdictKind } from '../../core/case/case.ts';

/** The languages in which an order can be printed. */
export const OrderLanguage = Type.Enum(['en', 'fr', 'es']);
export type OrderLanguage = Static<typeof OrderLanguage>;

interface OrderWords {
  readonly title: string;
  readonly container: string;
  readonly plates: string;
  readonly site: string;
  readonly sent: string;
  readonly reason: string;
  readonly kinds: Readonly<Record<VerdictKind, string>>;
  readonly note: string;
  readonly marks: string;
  readonly instructions: string;
  readonly declaration: string;
  readonly goods: string;
  readonly hs: string;
  readonly packages: string;
  readonly origin: string;
  readonly noDeclaration: string;
  readonly caseId: string;
  readonly otherViews: string;
  readonly cabMasked: string;
  readonly code: string;
  readonly picture: string;
  readonly found: string;
  readonly signature: string;
}

export const orderWords: Readonly<Record<OrderLanguage, OrderWords>> = {
  en: {
    title: 'Search order',
    container: 'Container',
    plates: 'Plates',
    site: 'Site',
    sent: 'Sent to search',
    reason: 'Verdict',
    kinds: {
      normal: 'Normal',
      suspect: 'Suspect',
      inconclusive: 'Inconclusive',
      'scan-again': 'Scan again',
    },
    note: 'Note',
    marks: 'In the picture',
    instructions: 'Instructions',
    declaration: 'Declaration',
    goods: 'Goods',
    hs: 'HS codes',
    packages: 'Packages',
    origin: 'Origin',
    noDeclaration: 'No declaration is linked to this scan.',
    caseId: 'Case',
    otherViews: 'Regions in other views',
    cabMasked: 'Cab masked by policy',
    code: 'Code to scan',
    picture: 'Preview of the scan. Regions marked',
    found: 'Found',
    signature: 'Date, name, signature',
  },
  fr: {
    title: 'Ordre de fouille',
    container: 'Conteneur',
    plates: 'Plaques',
    site: 'Site',
    sent: 'Envoyé à la fouille',
    reason: 'Verdict',
    kinds: {
      normal: 'Normal',
      suspect: 'Suspect',
      inconclusive: 'Non concluant',
      'scan-again': 'Scanner à nouveau',
    },
    note: 'Note',
    marks: 'Sur l’image',
    instructions: 'Consignes',
    declaration: 'Déclaration',
    goods: 'Marchandises',
    hs: 'Codes SH',
    packages: 'Colis',
    origin: 'Origine',
    noDeclaration: 'Aucune déclaration n’est jointe à ce scan.',
    caseId: 'Cas',
    otherViews: 'Régions dans d’autres vues',
    cabMasked: 'Cabine masquée par la politique',
    code: 'Code à scanner',
    picture: 'Aperçu du scan. Régions marquées',
    found: 'Trouvé',
    signature: 'Date, nom, signature',
  },
  es: {
    title: 'Orden de registro',
    container: 'Contenedor',
    plates: 'Matrículas',
    site: 'Sitio',
    sent: 'Enviado a registro',
    reason: 'Veredicto',
    kinds: {
      normal: 'Normal',
      suspect: 'Sospechoso',
      inconclusive: 'No concluyente',
      'scan-again': 'Escanear de nuevo',
    },
    note: 'Nota',
    marks: 'En la imagen',
    instructions: 'Instrucciones',
    declaration: 'Declaración',
    goods: 'Mercancías',
    hs: 'Códigos SA',
    packages: 'Bultos',
    origin: 'Origen',
    noDeclaration: 'Ninguna declaración corresponde a este escaneo.',
    caseId: 'Caso',
    otherViews: 'Regiones en otras vistas',
    cabMasked: 'Cabina enmascarada por la política',
    code: 'Código para escanear',
    picture: 'Vista previa del escaneo. Regiones marcadas',
    found: 'Encontrado',
    signature: 'Fecha, nombre, firma',
  },
};

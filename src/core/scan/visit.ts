import Type from 'typebox';

export const MOST_VISIT_CHARACTERS = 128;

export const Visit = Type.String({
  minLength: 1,
  maxLength: MOST_VISIT_CHARACTERS,
  pattern: '^[^\\u0000-\\u001f\\u007f]*$',
  description:
    'Visit or transaction id of the vehicle: the same for all its scans and radiation records during one visit to the site',
});

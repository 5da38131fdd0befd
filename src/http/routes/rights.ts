import { type Role, roles } from '../../core/access.ts';

/** Groups of endpoints that the same roles may call. */
export type Right =
  | 'send scans'
  | 'follow scans'
  | 'watch changes'
  | 'view scans'
  | 'read originals'
  | 'convert again'
  | 'ask for the lane'
  | 'list the queue'
  | 'list searches'
  | 'oversee'
  | 'read cases'
  | 'decide cases'
  | 'see advice'
  | 'see dangers'
  | 'acknowledge dangers'
  | 'choose cases'
  | 'record outcomes'
  | 'record releases'
  | 'report passages'
  | 'check vehicles in'
  | 'read check-ins'
  | 'read holds'
  | 'hold vehicles'
  | 'end service holds'
  | 'set scans aside'
  | 'correct marks'
  | 'adjudicate holds'
  | 'read declarations'
  | 'declare'
  | 'assess declarations'
  | 'register scanners'
  | 'acknowledge scanners'
  | 'read persons'
  | 'read keys'
  | 'change persons'
  | 'declare conflicts'
  | 'judge conflicts'
  | 'read sites'
  | 'read rules'
  | 'decide rules'
  | 'read models'
  | 'decide models'
  | 'compare models'
  | 'compare stations'
  | 'send station decisions'
  | 'read the audit';

/**
 * What each role may do; what its row does not name it may not. A scanner and the lane follow what they sent; pixels
 * and findings are not theirs. A declared source explains many an alarm, so officers read declarations. A supervisor
 * sees what holds a vehicle; only an officer says what becomes of it. The lane states declarations, and leaves the score and the codes of
 * one that is stated as they are.
 */
const rights: Readonly<Record<Role, readonly Right[]>> = {
  scanner: ['send scans', 'follow scans', 'ask for the lane'],
  lane: [
    'follow scans',
    'ask for the lane',
    'record releases',
    'report passages',
    'check vehicles in',
    'read declarations',
    'declare',
    'read sites',
  ],
  analyst: [
    'see advice',
    'follow scans',
    'watch changes',
    'view scans',
    'ask for the lane',
    'read cases',
    'decide cases',
    'read declarations',
    'declare conflicts',
  ],
  supervisor: [
    'see advice',
    'see dangers',
    'acknowledge dangers',
    'follow scans',
    'watch changes',
    'view scans',
    'read originals',
    'convert again',
    'ask for the lane',
    'list the queue',
    'list searches',
    'oversee',
    'read cases',
    'decide cases',
    'choose cases',
    'record outcomes',
    'record releases',
    'report passages',
    'check vehicles in',
    'read check-ins',
    'hold vehicles',
    'end service holds',
    'set scans aside',
    'correct marks',
    'read holds',
    'read declarations',
    'declare',
    'assess declarations',
    'read persons',
    'declare conflicts',
    'judge conflicts',
    'read sites',
    'read rules',
    'read models',
    'compare stations',
    'send station decisions',
  ],
  searcher: [
    'follow scans',
    'watch changes',
    'view scans',
    'list searches',
    'read cases',
    'record outcomes',
    'read declarations',
  ],
  auditor: [
    'see advice',
    'see dangers',
    'follow scans',
    'watch changes',
    'view scans',
    'read originals',
    'list the queue',
    'oversee',
    'read cases',
    'read check-ins',
    'read holds',
    'read declarations',
    'read sites',
    'read rules',
    'read models',
    'compare models',
    'compare stations',
    'read the audit',
    'read persons',
    'read keys',
  ],
  'data-scientist': ['follow scans', 'view scans', 'read originals', 'read models', 'compare models'],
  peer: [],
  administrator: [
    'see dangers',
    'send scans',
    'follow scans',
    'watch changes',
    'view scans',
    'read originals',
    'convert again',
    'ask for the lane',
    'list the queue',
    'oversee',
    'read cases',
    'record releases',
    'report passages',
    'check vehicles in',
    'read check-ins',
    'hold vehicles',
    'end service holds',
    'set scans aside',
    'correct marks',
    'read holds',
    'read declarations',
    'declare',
    'assess declarations',
    'acknowledge scanners',
    'register scanners',
    'read sites',
    'read rules',
    'decide rules',
    'read models',
    'decide models',
    'compare models',
    'compare stations',
    'send station decisions',
    'read the audit',
    'read persons',
    'read keys',
    'change persons',
  ],
  'radiation-officer': [
    'see dangers',
    'acknowledge dangers',
    'follow scans',
    'watch changes',
    'view scans',
    'read originals',
    'ask for the lane',
    'check vehicles in',
    'read check-ins',
    'hold vehicles',
    'read holds',
    'adjudicate holds',
    'read declarations',
    'read sites',
    'read rules',
  ],
};

/** Roles that may do it. */
export function rolesWho(right: Right): readonly Role[] {
  return roles.filter((role) => rights[role].includes(right));
}

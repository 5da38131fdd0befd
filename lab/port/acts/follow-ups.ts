/** What people do next with what somebody has just done, the likelier the oftener it is named: few histories come upon it by chance. */
const followUps: Readonly<Record<string, readonly string[]>> = {
  beginResumable: ['sendResumable', 'sendResumable', 'endResumable'],
  takeNextCase: ['decideCase', 'decideCase', 'decideCase', 'requestAdvice', 'addAnnotation', 'renewClaim'],
  claimCase: ['decideCase', 'decideCase', 'decideCase', 'requestAdvice', 'addAnnotation', 'handBackCase'],
  requestAdvice: ['joinAdvice'],
  joinAdvice: ['sendAdvice'],
  addAnnotation: ['changeAnnotation', 'removeAnnotation'],
  decideCase: ['takeBackVerdict', 'requestOpinion', 'settleCase', 'referCase', 'referCase', 'referCase'],
  requestOpinion: ['takeNextCase', 'claimCase'],
  settleCase: ['referCase', 'closeCase'],
  referCase: ['recordOutcome', 'addPhotograph'],
  addPhotograph: ['removePhotograph', 'recordOutcome'],
  recordOutcome: ['acceptSearch', 'acceptSearch', 'closeCase', 'reopenCase'],
  acceptSearch: ['closeCase', 'reopenCase'],
  raiseDanger: ['acknowledgeDanger'],
  declareConflict: ['settleConflict'],
  setConflict: ['settleConflict'],
  putPolicy: ['confirmPolicy'],
  putSite: ['confirmSite'],
  registerScanner: ['confirmScanner'],
  putCheckIn: ['confirmCheckIn'],
  putScanMarks: ['confirmScanMarks'],
  putSetAside: ['confirmSetAside'],
  putVehicleHold: ['confirmVehicleHold'],
  endServiceHold: ['confirmServiceHold'],
  proposeModel: ['confirmModel'],
  confirmModel: ['rollBackModel', 'setShadowModel'],
};

/** @returns operations; none where nothing follows */
export const followUpsOf = (operation: string): readonly string[] => followUps[operation] ?? [];

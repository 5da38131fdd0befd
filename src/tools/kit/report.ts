import {
  CompactSign,
  calculateJwkThumbprint,
  compactVerify,
  decodeProtectedHeader,
  importJWK,
  type JWK,
} from 'jose';
import Type, { type Static } from 'typebox';
import Value from 'typebox/value';
import { NiiError } from '../../core/errors.ts';
import { Sha256 } from '../../core/scan/scan.ts';
import { ALGORITHM, isEdKey } from './key.ts';

const closed = { additionalProperties: false } as const;
const Line = Type.String({ maxLength: 4096 });

const ReportedCheck = Type.Object(
  { name: Line, ok: Type.Boolean(), expected: Type.Optional(Line), found: Type.Optional(Line) },
  { ...closed, description: 'Expected and found values, only if the check failed' },
);

const ReportedCase = Type.Object(
  {
    id: Line,
    ok: Type.Boolean(),
    passed: Type.Integer({ minimum: 0 }),
    checks: Type.Array(ReportedCheck, { maxItems: 1024 }),
  },
  closed,
);
export type ReportedCase = Static<typeof ReportedCase>;

/** What a converter, or another vendor's export, made of the conformance kit. */
export const KitReport = Type.Object(
  {
    schemaVersion: Type.Literal('1.0'),
    kit: Type.Object(
      { sha256: Sha256, madeBy: Line, seed: Type.Integer({ minimum: 0 }) },
      { ...closed, description: 'The kit, by the hash of its kit.json' },
    ),
    subject: Type.Object(
      {
        kind: Type.Enum(['converter', 'export', 'all-converters']),
        id: Line,
        version: Type.Optional(Line),
        sha256: Type.Optional(
          Type.Union([Sha256], {
            description:
              'Of the files of the export that were scored, or of those of the converters without their fixtures: of each in order of name its path with the case or converter before it, a zero byte, its SHA-256 and a line feed',
          }),
        ),
      },
      closed,
    ),
    at: Type.String({ format: 'date-time' }),
    scoredBy: Line,
    score: Type.Number({ minimum: 0, maximum: 100, description: 'Checks that passed, in percent' }),
    passMark: Type.Number({ minimum: 0, maximum: 100 }),
    passed: Type.Boolean(),
    cases: Type.Array(ReportedCase, { maxItems: 100_000 }),
  },
  {
    ...closed,
    $id: 'https://nii-hub.org/schemas/kit-report-1.0.json',
    title: 'Conformance report',
    description:
      'Given out as a JSON Web Signature in compact form (RFC 7515), Ed25519, whose payload is this document in UTF-8',
  },
);
export type KitReport = Static<typeof KitReport>;

const TYPE = 'nii-kit-report+jws';

/** Percent, rounded down to a tenth: 100 is nothing but all. */
export function scoreOf(cases: readonly ReportedCase[]): number {
  const all = cases.reduce((sum, { checks }) => sum + checks.length, 0);
  const passed = cases.reduce((sum, one) => sum + one.passed, 0);
  return all === 0 ? 0 : Math.floor((passed * 1000) / all) / 10;
}

/** @throws NII_MALFORMED for a report whose verdict does not follow from its own checks */
function requireConsistent({ score, passMark, passed, cases }: KitReport): void {
  const wrong = cases.find(
    (one) =>
      one.ok !== one.checks.every(({ ok }) => ok) || one.passed !== one.checks.filter(({ ok }) => ok).length,
  );
  const isTwice = new Set(cases.map(({ id }) => id)).size !== cases.length;
  if (wrong === undefined && !isTwice && score === scoreOf(cases) && passed === score >= passMark) return;
  const where = wrong === undefined ? 'its score or verdict' : `the case ${JSON.stringify(wrong.id)}`;
  throw new NiiError(
    'NII_MALFORMED',
    `the signed report contradicts itself: ${where} does not follow from the checks`,
  );
}

/**
 * Signs a report; the public key travels in the header.
 * @throws NII_MALFORMED for a key that only verifies
 */
export async function signReport(report: KitReport, secret: JWK): Promise<string> {
  requireSecret(secret);
  const { d: _, ...open } = secret;
  const kid = await calculateJwkThumbprint(open);
  return new CompactSign(new TextEncoder().encode(JSON.stringify(report)))
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid, jwk: open })
    .sign(await importJWK(secret, ALGORITHM));
}

/** @throws NII_MALFORMED for a key that only verifies */
export function requireSecret({ d }: JWK): void {
  if (d !== undefined) return;
  throw new NiiError('NII_MALFORMED', 'a public key cannot sign; use the file without .pub');
}

export interface VerifiedReport {
  readonly report: KitReport;
  /** Of the key that signed it (RFC 7638). */
  readonly thumbprint: string;
}

/**
 * Checks the signature, by the key given or by the one in the report itself, the schema, and that the verdict follows
 * from the checks. Who signs may sign anything: that it was run is for whoever runs it again to say.
 * @throws NII_HASH_MISMATCH when the signature does not fit, NII_MALFORMED for what is no report
 */
export async function verifyReport(text: string, trusted?: JWK): Promise<VerifiedReport> {
  const key = trusted ?? ownKey(text);
  const { d: _, ...open } = key;
  const payload = await payloadOf(text, open);
  const report = parsed(payload);
  if (!Value.Check(KitReport, report))
    throw new NiiError('NII_MALFORMED', 'the signed content is not a report');
  requireConsistent(report);
  return { report, thumbprint: await calculateJwkThumbprint(open) };
}

function parsed(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch (cause) {
    throw new NiiError('NII_MALFORMED', { detail: 'the signed content is not a report', cause });
  }
}

function ownKey(text: string): JWK {
  try {
    const { jwk } = decodeProtectedHeader(text.trim());
    if (isEdKey(jwk)) return jwk;
  } catch (cause) {
    throw new NiiError('NII_MALFORMED', { detail: 'the file is not a signed report', cause });
  }
  throw new NiiError('NII_MALFORMED', 'the report does not contain an Ed25519 key; add one with --key');
}

async function payloadOf(text: string, key: JWK): Promise<string> {
  try {
    const { payload, protectedHeader } = await compactVerify(text.trim(), await importJWK(key, ALGORITHM), {
      algorithms: [ALGORITHM],
    });
    // Signed by the same key for another purpose, it is no report
    if (protectedHeader.typ !== TYPE)
      throw new NiiError('NII_MALFORMED', 'the signed content is not a report');
    return new TextDecoder().decode(payload);
  } catch (cause) {
    if (cause instanceof NiiError) throw cause;
    const detail = 'the signature does not match: the report was changed, or another key signed it';
    throw new NiiError('NII_HASH_MISMATCH', { detail, cause });
  }
}

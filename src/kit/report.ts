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
import { NiiError } from '../core/errors.ts';
import { Sha256 } from '../core/scan.ts';
import { ALGORITHM, isEdKey } from './key.ts';

const closed = { additionalProperties: false } as const;
const Line = Type.String({ maxLength: 4096 });

const ReportedCheck = Type.Object(
  { name: Line, ok: Type.Boolean(), expected: Type.Optional(Line), found: Type.Optional(Line) },
  { ...closed, description: 'What was expected and found only where the check failed' },
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
        sha256: Type.Optional(Type.Union([Sha256], { description: 'Of the files of an export' })),
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

/** Signs a report; the public key travels in the header. */
export async function signReport(report: KitReport, secret: JWK): Promise<string> {
  const { d: _, ...open } = secret;
  const kid = await calculateJwkThumbprint(open);
  return new CompactSign(new TextEncoder().encode(JSON.stringify(report)))
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid, jwk: open })
    .sign(await importJWK(secret, ALGORITHM));
}

export interface VerifiedReport {
  readonly report: KitReport;
  /** Of the key that signed it (RFC 7638). */
  readonly thumbprint: string;
}

/**
 * Checks the signature, by the key given or by the one in the report itself, and the schema.
 * @throws NII_HASH_MISMATCH when the signature does not fit, NII_MALFORMED for what is no report
 */
export async function verifyReport(text: string, trusted?: JWK): Promise<VerifiedReport> {
  const key = trusted ?? ownKey(text);
  const { d: _, ...open } = key;
  const payload = await payloadOf(text, open);
  const report: unknown = JSON.parse(payload);
  if (!Value.Check(KitReport, report)) throw new NiiError('NII_MALFORMED', 'what is signed is no report');
  return { report, thumbprint: await calculateJwkThumbprint(open) };
}

function ownKey(text: string): JWK {
  try {
    const { jwk } = decodeProtectedHeader(text.trim());
    if (isEdKey(jwk)) return jwk;
  } catch (cause) {
    throw new NiiError('NII_MALFORMED', { detail: 'the file is no signed report', cause });
  }
  throw new NiiError('NII_MALFORMED', 'the report does not carry an Ed25519 key; name one with --key');
}

async function payloadOf(text: string, key: JWK): Promise<string> {
  try {
    const { payload } = await compactVerify(text.trim(), await importJWK(key, ALGORITHM), {
      algorithms: [ALGORITHM],
    });
    return new TextDecoder().decode(payload);
  } catch (cause) {
    const detail = 'the signature does not fit: the report was changed, or another key signed it';
    throw new NiiError('NII_HASH_MISMATCH', { detail, cause });
  }
}

import { describe, it } from 'vitest';

/** A real S3 server for the tests, from the environment. */
export interface TestS3 {
  readonly endPoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

export function testS3(): TestS3 | undefined {
  const endPoint = process.env.NII_TEST_S3_URL;
  if (endPoint === undefined) return undefined;
  return {
    endPoint,
    accessKey: process.env.NII_TEST_S3_ACCESS_KEY ?? 'nii-test',
    secretKey: process.env.NII_TEST_S3_SECRET_KEY ?? 'nii-test-secret',
  };
}

/** One clear line in place of tests whose server is not there; in a complete run a failure. */
export function leftOut(what: string, how: string): void {
  describe(what, () => {
    if (process.env.NII_TEST_COMPLETE) {
      it('has the server that it needs', () => {
        throw new Error(`${what}: left out, and a complete run leaves nothing out. ${how}`);
      });
    } else {
      it.skip(`left out: ${how}`, () => undefined);
    }
  });
}

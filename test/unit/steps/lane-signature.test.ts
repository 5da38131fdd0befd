import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { laneSecrets, signedHeaders } from '../../../src/steps/lane-signature.ts';

const newSecret = (bytes = 32) => `whsec_${randomBytes(bytes).toString('base64')}`;
const now = () => new Date();
const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);

describe('an announcement', () => {
  test('is accepted by the reference receiver of Standard Webhooks, whatever it says', () => {
    const secret = newSecret();
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: 1 }), (value, n) => {
        const body = JSON.stringify({ value });
        const headers = signedHeaders([secret], { id: `notify-lane:s:c:${n}`, at: now(), body });
        expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body));
      }),
    );
  });

  test('carries a signature by each secret, so that a receiver with any one of them accepts it', () => {
    const secrets = [newSecret(24), newSecret(), newSecret(64)];
    const headers = signedHeaders(secrets, { id: 'a', at: now(), body: '{}' });
    expect(headers['webhook-signature']?.split(' ')).toHaveLength(3);
    for (const secret of secrets) expect(new Webhook(secret).verify('{}', headers)).toEqual({});
    expect(() => new Webhook(newSecret()).verify('{}', headers)).toThrow('No matching signature');
  });

  test('with another body, id or time is rejected', () => {
    const secret = newSecret();
    const headers = signedHeaders([secret], { id: 'a', at: now(), body: '{}' });
    const receiver = new Webhook(secret);
    const other = String(Number(headers['webhook-timestamp']) + 1);
    expect(() => receiver.verify('{ }', headers)).toThrow('No matching signature');
    expect(() => receiver.verify('{}', { ...headers, 'webhook-id': 'b' })).toThrow('No matching signature');
    expect(() => receiver.verify('{}', { ...headers, 'webhook-timestamp': other })).toThrow('No matching');
  });

  test('that is sent again after the replay window is rejected', () => {
    const secret = newSecret();
    const old = signedHeaders([secret], { id: 'a', at: minutesAgo(6), body: '{}' });
    expect(() => new Webhook(secret).verify('{}', old)).toThrow('timestamp too old');
    const recent = signedHeaders([secret], { id: 'a', at: minutesAgo(4), body: '{}' });
    expect(new Webhook(secret).verify('{}', recent)).toEqual({});
  });
});

describe('the secrets of a lane', () => {
  test('are those that the setting names by spaces, in their order', () => {
    const [old, next] = [newSecret(), newSecret()];
    expect(laneSecrets(`${old} ${next}`)).toEqual([old, next]);
    expect(laneSecrets(` ${old}  `)).toEqual([old]);
  });

  test.each([
    ['of which a key is too short', newSecret(23)],
    ['of which a key is too long', newSecret(65)],
    ['of which one is no base64', `${newSecret()} whsec_${'ä'.repeat(40)}`],
    ['of which one is empty', 'whsec_'],
    ['of which one is not whsec_ and base64', `a phrase ${newSecret()}`],
    ['that are more than four', Array.from({ length: 5 }, () => newSecret()).join(' ')],
  ])('%s stop the start, and the message does not say them', (_, setting) => {
    const rejected = expect(() => laneSecrets(setting));
    rejected.toThrow(expect.objectContaining({ code: 'NII_CONFIG' }));
    rejected.toThrow(/^(?!.*[A-Za-z0-9+/]{16})/);
  });
});

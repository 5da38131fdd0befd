import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newPerson } from '../../../../src/core/person/changes.ts';
import type { Records, RecordsTx } from '../../../../src/core/ports/records.ts';
import type { Session } from '../../../../src/core/sign-in/session.ts';
import { fresh } from '../sample-records.ts';

/** Sessions, and persons by identity. `open` gives a handle on one database. */
export function sessionsContract(name: string, open: () => Promise<Records>): void {
  describe(`sessions in ${name}`, () => {
    let records: Records;
    beforeAll(async () => {
      records = await open();
    });
    afterAll(() => records.close());
    const inTx = <T>(work: (tx: RecordsTx) => Promise<T>) => records.transaction(work);

    const session = (over: Partial<Session> = {}): Session => ({
      id: fresh('session'),
      secretSha256: 'ab',
      person: fresh('person'),
      administration: 'utopia',
      site: 'harbour',
      roles: ['analyst', 'supervisor'],
      issuer: 'https://idp.example',
      subject: fresh('subject'),
      source: 's',
      begunAt: '2040-01-01T08:00:00.000Z',
      usedAt: '2040-01-01T08:00:00.000Z',
      endsAt: '2040-01-01T20:00:00.000Z',
      ...over,
    });
    const begin = async (over: Partial<Session> = {}) => {
      const begun = session(over);
      await inTx((tx) => tx.beginSession(begun));
      return begun;
    };
    const found = async (id: string) => (await inTx((tx) => tx.identitiesOf([id])))[0]?.session;

    it('are found as keys are, and act as one', async () => {
      const begun = await begin();
      const [one] = await inTx((tx) => tx.identitiesOf(['absent', begun.id]));
      expect(one?.session).toEqual(begun);
      expect(one?.key).toMatchObject({ keyId: begun.id, roles: begun.roles, person: begun.person });
      expect(one?.rolesOfPerson.toSorted()).toEqual(['analyst', 'supervisor']);
    });

    it('give their roles to the person until they end', async () => {
      const person = fresh('person');
      const [one, other] = [
        await begin({ person, roles: ['analyst'] }),
        await begin({ person, roles: ['auditor'] }),
      ];
      const roles = async () => (await inTx((tx) => tx.identitiesOf([one.id])))[0]?.rolesOfPerson.toSorted();
      expect(await roles()).toEqual(['analyst', 'auditor']);
      await inTx((tx) => tx.endSession(other.id, '2040-01-01T09:00:00.000Z'));
      expect(await roles()).toEqual(['analyst']);
    });

    it('end once', async () => {
      const { id } = await begin();
      const end = (at: string) => inTx((tx) => tx.endSession(id, at));
      expect(await end('2040-01-01T09:00:00.000Z')).toBe(true);
      expect(await end('2040-01-01T10:00:00.000Z')).toBe(false);
      expect((await found(id))?.endedAt).toBe('2040-01-01T09:00:00.000Z');
    });

    it('are open until they end or their time is over, oldest first, by person and by identity', async () => {
      const [person, subject] = [fresh('person'), fresh('subject')];
      const late = await begin({ person, subject, begunAt: '2040-01-01T09:00:00.000Z' });
      const early = await begin({ person, subject });
      const ended = await begin({ person, subject });
      await inTx((tx) => tx.endSession(ended.id, '2040-01-01T09:00:00.000Z'));
      const open = async (owner: { person: string } | { issuer: string; subject: string }, at: string) =>
        (await inTx((tx) => tx.openSessions(owner, at))).map(({ id }) => id);
      const noon = '2040-01-01T12:00:00.000Z';
      expect(await open({ person }, noon)).toEqual([early.id, late.id]);
      expect(await open({ issuer: early.issuer, subject }, noon)).toEqual([early.id, late.id]);
      expect(await open({ issuer: 'https://other.example', subject }, noon)).toEqual([]);
      expect(await open({ person }, '2040-01-01T20:00:00.000Z')).toEqual([]);
    });

    it('note their use once a minute', async () => {
      const { id } = await begin();
      const use = async (at: string) => {
        await inTx((tx) => tx.sessionUsed(id, at));
        return (await found(id))?.usedAt;
      };
      expect(await use('2040-01-01T08:00:59.999Z')).toBe('2040-01-01T08:00:00.000Z');
      expect(await use('2040-01-01T08:01:00.000Z')).toBe('2040-01-01T08:01:00.000Z');
    });

    it('move to another person', async () => {
      const [mine, others] = [await begin(), await begin()];
      await inTx((tx) => tx.moveSessions(mine.person, 'another'));
      expect((await found(mine.id))?.person).toBe('another');
      expect((await found(others.id))?.person).toBe(others.person);
    });

    it('begin once under an id', async () => {
      const begun = await begin();
      const again = { ...session(), id: begun.id };
      expect(await inTx((tx) => tx.beginSession(again))).toBe(false);
      expect(await found(begun.id)).toEqual(begun);
    });

    it('are removed once they are over', async () => {
      const past = { endsAt: '2001-01-01T20:00:00.000Z' };
      const [over, ended, open] = [await begin(past), await begin(), await begin()];
      await inTx((tx) => tx.endSession(ended.id, '2001-01-01T09:00:00.000Z'));
      expect(await inTx((tx) => tx.forgetSessions('2002-01-01T00:00:00.000Z'))).toBe(2);
      expect([await found(over.id), await found(ended.id)]).toEqual([undefined, undefined]);
      expect(await found(open.id)).toEqual(open);
    });

    it('share one secret that seals the cookies of sign-ins', async () => {
      const secret = await inTx((tx) => tx.signInSecret());
      expect(secret).toMatch(/^[0-9a-f-]{72}$/);
      expect(await inTx((tx) => tx.signInSecret())).toBe(secret);
    });

    it('are of the person who has the identity in the administration', async () => {
      const identity = { issuer: 'https://idp.example', subject: fresh('subject') };
      const administration = fresh('administration');
      const person = { ...newPerson(fresh('person'), administration, 'A', 'linked'), identities: [identity] };
      const of = (where: string) => inTx((tx) => tx.personOf(where, identity));
      await inTx((tx) => tx.savePerson(person));
      expect(await of(administration)).toEqual(person);
      expect(await of(fresh('administration'))).toBeUndefined();
      const other = { ...newPerson(fresh('person'), administration, 'B', 'linked'), identities: [identity] };
      await inTx((tx) => tx.savePerson({ ...person, identities: [], version: 2 }));
      expect(await of(administration)).toBeUndefined();
      await inTx((tx) => tx.savePerson(other));
      expect(await of(administration)).toEqual(other);
    });
  });
}

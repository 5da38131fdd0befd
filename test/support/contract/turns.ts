import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Records } from '../../../src/core/ports/records.ts';
import { fresh } from './sample-records.ts';

const WAIT = { waitMs: 20_000 };

export interface TurnsUnderTest {
  /** A handle on the one database, as a process has it. */
  open(): Promise<Records>;
  /** Ends every connection to the database, as a restart of it does. */
  cutConnections(): Promise<void>;
}

/** Turns among processes. */
export function turnsContract(name: string, { open, cutConnections }: TurnsUnderTest): void {
  describe(`the contract of turns on ${name}`, () => {
    let here: Records;
    let there: Records;
    beforeEach(async () => {
      here = await open();
      there = await open();
    });
    afterEach(async () => {
      await here?.close();
      await there?.close();
    });

    it('has one holder at a time, in this process and in others', async () => {
      const turn = fresh('turn');
      let holders = 0;
      let most = 0;
      const count = async (records: Records) => {
        const mine = await records.takeTurn(turn, WAIT);
        holders += 1;
        most = Math.max(most, holders);
        await new Promise((resolve) => setImmediate(resolve));
        holders -= 1;
        await mine.end();
      };
      await Promise.all(Array.from({ length: 20 }, (_, i) => count(i % 2 === 0 ? here : there)));
      expect(most).toBe(1);
    });

    it.each([
      ['in the same process', () => here],
      ['in another process', () => there],
    ])('asks the holder to end when another waits %s', async (_where, other) => {
      const turn = fresh('turn');
      const held = await here.takeTurn(turn, { ...WAIT, onWanted: () => void held.end() });
      const next = await other().takeTurn(turn, WAIT);
      await next.end();
    });

    it.each([
      ['in the same process', () => here],
      ['in another process', () => there],
    ])(
      'is refused with NII_BUSY when the wait is over, with none at once and unasked, %s',
      async (_where, other) => {
        const turn = fresh('turn');
        const onWanted = vi.fn();
        const held = await here.takeTurn(turn, { ...WAIT, onWanted });
        await expect(other().takeTurn(turn, { waitMs: 0 })).rejects.toMatchObject({ code: 'NII_BUSY' });
        expect(onWanted).not.toHaveBeenCalled();
        await expect(other().takeTurn(turn, { waitMs: 300 })).rejects.toMatchObject({ code: 'NII_BUSY' });
        await vi.waitFor(() => expect(onWanted).toHaveBeenCalled(), 5_000);
        await held.end();
        await (await other().takeTurn(turn, { waitMs: 5_000 })).end();
      },
    );

    it('stops waiting when told to', async () => {
      const turn = fresh('turn');
      const held = await here.takeTurn(turn, WAIT);
      const told = new AbortController();
      const waiting = there.takeTurn(turn, { ...WAIT, signal: told.signal });
      told.abort();
      await expect(waiting).rejects.toMatchObject({ code: 'NII_BUSY' });
      await held.end();
    });

    it('lets other names pass, any number of them at once', async () => {
      const turns = await Promise.all(Array.from({ length: 60 }, () => here.takeTurn(fresh('turn'), WAIT)));
      for (const turn of turns) await turn.end();
    });

    it('may be ended twice without ending that of the next holder', async () => {
      const turn = fresh('turn');
      const first = await here.takeTurn(turn, WAIT);
      await first.end();
      const second = await here.takeTurn(turn, WAIT);
      await first.end();
      await expect(there.takeTurn(turn, { waitMs: 0 })).rejects.toMatchObject({ code: 'NII_BUSY' });
      await second.end();
    });

    it('is free once the process of its holder is gone', async () => {
      const turn = fresh('turn');
      const gone = await open();
      await gone.takeTurn(turn, WAIT);
      await gone.close();
      await (await there.takeTurn(turn, { waitMs: 5_000 })).end();
    });

    it('is lost with its connection: its holder is told, and others go on', async () => {
      const turn = fresh('turn');
      const onWanted = vi.fn();
      const lost = await here.takeTurn(turn, { ...WAIT, onWanted });
      await cutConnections();
      await vi.waitFor(() => expect(onWanted).toHaveBeenCalled(), 10_000);
      const next = await vi.waitFor(() => there.takeTurn(turn, WAIT), { timeout: 20_000, interval: 200 });
      await lost.end();
      await expect(here.takeTurn(turn, { waitMs: 0 })).rejects.toMatchObject({ code: 'NII_BUSY' });
      await next.end();
    });
  });
}

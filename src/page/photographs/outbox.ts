import { useCallback, useEffect, useRef, useState } from 'react';
import { rejectionText } from '../api/client.ts';
import { uploadPhotograph } from './upload.ts';

/** A photograph on its way. */
export interface Upload {
  readonly number: number;
  readonly name: string;
  /** From 0 to 1; waits until it is its turn. */
  readonly share: number;
  /** Why it did not arrive. */
  readonly problem?: string;
}

export interface Outbox {
  readonly sending: readonly Upload[];
  readonly add: (files: readonly File[]) => void;
  readonly again: (number: number) => void;
  readonly drop: (number: number) => void;
}

/** Sends one after the other: a thin line then loses one at most. */
export function useOutbox(caseId: string, onArrived: () => void): Outbox {
  const [sending, setSending] = useState<readonly Upload[]>([]);
  const files = useRef(new Map<number, File>());
  const last = useRef(0);
  const isBusy = useRef(false);
  /** Before the page is drawn anew it may be asked for the same one again. */
  const failed = useRef(new Set<number>());
  const change = useCallback(
    (number: number, changes: Partial<Upload>) =>
      setSending((all) => all.map((one) => (one.number === number ? { ...one, ...changes } : one))),
    [],
  );
  const drop = useCallback((number: number) => {
    files.current.delete(number);
    setSending((all) => all.filter((one) => one.number !== number));
  }, []);
  const next = sending.find(({ problem }) => problem === undefined);
  useEffect(() => {
    const file = next === undefined ? undefined : files.current.get(next.number);
    if (next === undefined || file === undefined || isBusy.current) return;
    const { number } = next;
    if (failed.current.has(number)) return;
    isBusy.current = true;
    uploadPhotograph(caseId, file, (share) => change(number, { share }))
      .then(() => {
        isBusy.current = false;
        drop(number);
        onArrived();
      })
      .catch((error: unknown) => {
        failed.current.add(number);
        isBusy.current = false;
        change(number, { problem: rejectionText(error) });
      });
  }, [caseId, next, change, drop, onArrived]);
  const add = (chosen: readonly File[]) => {
    const added = chosen.map((file) => {
      last.current += 1;
      files.current.set(last.current, file);
      return { number: last.current, name: file.name, share: 0 };
    });
    setSending((all) => [...all, ...added]);
  };
  const again = (number: number) => {
    failed.current.delete(number);
    setSending((all) =>
      all.map((one) => (one.number === number ? { number, name: one.name, share: 0 } : one)),
    );
  };
  return { sending, add, again, drop };
}

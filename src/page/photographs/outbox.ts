import { useCallback, useEffect, useRef, useState } from 'react';
import { pageHeader, Rejected, rejectionFrom, rejectionText } from '../api/client.ts';
import { reportNoResponse, reportResponse } from '../api/connection.ts';

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

/** The list of uploads, with their files. */
function useUploads() {
  const [sending, setSending] = useState<readonly Upload[]>([]);
  const files = useRef(new Map<number, File>());
  const last = useRef(0);
  const add = (chosen: readonly File[]) => {
    const added = chosen.map((file) => {
      last.current += 1;
      files.current.set(last.current, file);
      return { number: last.current, name: file.name, share: 0 };
    });
    setSending((all) => [...all, ...added]);
  };
  const change = useCallback(
    (number: number, next: (before: Upload) => Upload) =>
      setSending((all) => all.map((one) => (one.number === number ? next(one) : one))),
    [],
  );
  const drop = useCallback((number: number) => {
    files.current.delete(number);
    setSending((all) => all.filter((one) => one.number !== number));
  }, []);
  return { sending, files, add, change, drop };
}

/** Sends one photograph after the other: a thin line then loses one at most. */
export function useOutbox(caseId: string, onArrived: () => void): Outbox {
  const { sending, files, add, change, drop } = useUploads();
  const isBusy = useRef(false);
  /** The effect may run again for the same upload before its problem is rendered. */
  const failed = useRef(new Set<number>());
  const next = sending.find(({ problem }) => problem === undefined);
  useEffect(() => {
    const file = next === undefined ? undefined : files.current.get(next.number);
    if (next === undefined || file === undefined || isBusy.current) return;
    const { number } = next;
    if (failed.current.has(number)) return;
    isBusy.current = true;
    uploadPhotograph(caseId, file, (share) => change(number, (before) => ({ ...before, share })))
      .then(() => {
        isBusy.current = false;
        drop(number);
        onArrived();
      })
      .catch((error: unknown) => {
        failed.current.add(number);
        isBusy.current = false;
        change(number, (before) => ({ ...before, problem: rejectionText(error) }));
      });
  }, [caseId, next, files, change, drop, onArrived]);
  const again = (number: number) => {
    failed.current.delete(number);
    change(number, ({ name }) => ({ number, name, share: 0 }));
  };
  return { sending, add, again, drop };
}

/**
 * Sends one photograph as it is. By XMLHttpRequest, because `fetch` does not say how much has gone out.
 * @param onProgress - share that has gone out, from 0 to 1
 * @throws Rejected
 */
function uploadPhotograph(caseId: string, file: File, onProgress: (share: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/v1/cases/${encodeURIComponent(caseId)}/photographs`);
    request.setRequestHeader('content-type', file.type);
    request.setRequestHeader('nii-page', pageHeader());
    request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 0 : loaded / total);
    request.onload = () => {
      reportResponse(request.status);
      if (request.status === 200) resolve();
      else reject(rejectionFrom(request.status, parseJson(request.responseText)));
    };
    request.onerror = () => {
      const lost = new Rejected(0, 'UNREACHABLE', 'The line was lost');
      reportNoResponse(lost);
      reject(lost);
    };
    request.send(file);
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

import { useEffect, useState, useSyncExternalStore } from 'react';
import { isDisconnected, onConnectionChange } from '../api/connection.ts';
import { words } from '../words/words.ts';

/** How this window stands to the service and to the other windows of the person: nothing is said while all is well. */

const LOCK = 'nii-window';

/** Whether another window of this browser was here first; it becomes the only one when that one goes. */
function useIsSecondWindow(): boolean {
  const [isSecond, setSecond] = useState(false);
  useEffect(() => {
    const gone = new AbortController();
    // browsers have locks only where the page came by a safe line
    const locks: LockManager | undefined = window.navigator.locks;
    const untilGone = () =>
      new Promise<void>((resolve) => gone.signal.addEventListener('abort', () => resolve()));
    const hold = async () => {
      const isFirst = await locks?.request(LOCK, { ifAvailable: true }, async (lock) => {
        if (lock === null || gone.signal.aborted) return false;
        await untilGone();
        return true;
      });
      if (isFirst !== false || gone.signal.aborted) return;
      setSecond(true);
      await locks?.request(LOCK, { signal: gone.signal }, async () => {
        setSecond(false);
        await untilGone();
      });
    };
    hold().catch(() => undefined);
    return () => gone.abort();
  }, []);
  return isSecond;
}

export function ConnectionStatus() {
  const isLost = useSyncExternalStore(onConnectionChange, isDisconnected);
  const isSecond = useIsSecondWindow();
  return (
    <div role="status">
      {isLost && <p className="notice bad row">{words('line.lost')}</p>}
      {isSecond && <p className="notice row">{words('line.second')}</p>}
    </div>
  );
}

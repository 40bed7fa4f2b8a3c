const intervalMilliseconds = 250;

/**
 * npm hands a signal on to the shell it has started, which ends without a word to this process: then only its parent's number
 * changes. The same holds where the package's command runs this by a newer Node and is killed.
 */
export function onceOrphaned(listener: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    listener();
  }, intervalMilliseconds).unref();
}

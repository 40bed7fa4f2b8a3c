const sliceMilliseconds = 12;

/** Does something for each item, in slices short enough that the page answers to clicks in between. */
export async function inSlices<T>(
  items: readonly T[],
  act: (items: readonly T[]) => void,
  size = 20,
): Promise<void> {
  // The task that gave them may have been long already: a browser makes a file object of each.
  if (items.length > size) await nextTask();
  let began = performance.now();
  for (let at = 0; at < items.length; at += size) {
    if (performance.now() - began > sliceMilliseconds) {
      await nextTask();
      began = performance.now();
    }
    act(items.slice(at, at + size));
  }
}

/** Resolves in a task of its own. Unlike a timer's, a message's is not slowed down. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

/** The function, once for all calls within the time that `milliseconds` gives: 0 is until the next frame. */
export function gathered(act: () => void, milliseconds: () => number): () => void {
  let waiting = false;
  const run = () => {
    if (!waiting) return;
    waiting = false;
    act();
  };
  return () => {
    if (waiting) return;
    waiting = true;
    const pause = milliseconds();
    if (pause === 0) requestAnimationFrame(run);
    // A hidden tab has no frames.
    setTimeout(run, pause || 250);
  };
}

const sliceMilliseconds = 12;

/** Does something for each item, in slices short enough that the page answers to clicks in between. */
export async function inSlices<T>(
  items: readonly T[],
  act: (items: readonly T[]) => void,
  size = 20,
): Promise<void> {
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

/** The function, once for all calls before the next frame, or soon where the tab is hidden. */
export function oncePerFrame(act: () => void): () => void {
  let waiting = false;
  const run = () => {
    if (!waiting) return;
    waiting = false;
    act();
  };
  return () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(run);
    setTimeout(run, 250);
  };
}

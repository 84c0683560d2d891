/**
 * Turns of the thread. Work whose every step is done beside the thread comes back at once, each time, and a browser hands out nothing
 * else meanwhile: no answer of a server, no message.
 */

/** Chunks of a file (1 MiB) that are worked on before others have their turn: a turn for each would cost a large file some 5 % of its upload. */
export const TURN_CHUNKS = 4;

/** Of Node, which has no other way that is as cheap; browsers have none. */
const { setImmediate } = globalThis as { readonly setImmediate?: (act: () => void) => unknown };

const waiting: (() => void)[] = [];
let channel: MessageChannel | undefined;

/** Resolves when whatever waited for this thread has had its turn. (A timer would wait 4 ms besides, each time.) */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (setImmediate !== undefined) {
      setImmediate(resolve);
      return;
    }
    channel ??= newChannel();
    waiting.push(resolve);
    channel.port1.postMessage(undefined);
  });
}

function newChannel(): MessageChannel {
  const made = new MessageChannel();
  made.port2.onmessage = () => {
    waiting.shift()?.();
  };
  return made;
}

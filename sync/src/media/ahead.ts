/**
 * What takes time beside this thread (reading, sealing, opening) is begun for a few items before the first of them is done, and comes
 * out in the items' order.
 */

/** What asking for the next item came to. */
type Step<T> = { readonly type: 'Item'; readonly item: T } | { readonly type: 'End'; readonly error?: unknown };

/**
 * `make` of each item, in order, of at most `count` at a time. What is made comes out when it is its turn, whether or not there is
 * a next item yet. When `items` throws, what was begun comes out first; when `make` rejects, nothing after it comes out.
 */
export async function* madeAhead<T, U>(
  items: AsyncIterable<T> | Iterable<T>,
  count: number,
  make: (item: T) => Promise<U>,
): AsyncGenerator<U, void, undefined> {
  const source = iteratorOf(items);
  const making: Promise<U>[] = [];
  let asked: Promise<Step<T>> | undefined;
  let end: { readonly error?: unknown } | undefined;
  try {
    while (end === undefined || making.length > 0) {
      if (end === undefined && making.length < count) {
        asked ??= nextOf(source);
        const step = await Promise.race([asked, ...making.slice(0, 1).map(settled)]);
        if (step !== undefined) {
          asked = undefined;
          if (step.type === 'Item') making.push(quiet(make(step.item)));
          else end = step;
          continue;
        }
      }
      const [first] = making.splice(0, 1);
      if (first !== undefined) yield await first;
    }
    if (end.error !== undefined) throw end.error as Error;
  } finally {
    // Not awaited: an item that was asked for may be long in coming, and nobody wants it any more.
    void Promise.resolve(source.return?.()).catch(() => undefined);
  }
}

function iteratorOf<T>(items: AsyncIterable<T> | Iterable<T>): AsyncIterator<T> | Iterator<T> {
  return Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
}

async function nextOf<T>(source: AsyncIterator<T> | Iterator<T>): Promise<Step<T>> {
  try {
    const step = await source.next();
    return step.done === true ? { type: 'End' } : { type: 'Item', item: step.value };
  } catch (error) {
    return { type: 'End', error };
  }
}

/** Resolves, to nothing, when the other one is at its end. */
function settled(making: Promise<unknown>): Promise<undefined> {
  return making.then(
    () => undefined,
    () => undefined,
  );
}

/** It may fail before it is anybody's turn to hear of it. */
function quiet<T>(making: Promise<T>): Promise<T> {
  making.catch(() => undefined);
  return making;
}

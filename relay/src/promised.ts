/** A synchronous call as a promise, which rejects where the call throws. */
export function promised<A extends unknown[], T>(call: (...args: A) => T): (...args: A) => Promise<T> {
  return (...args) =>
    new Promise((resolve) => {
      resolve(call(...args));
    });
}

/**
 * The promise that `work` gives; a rejected one where it throws instead. What `async` does around a function, without
 * the two promises and the generator that it makes for each call.
 */
export function promiseOf<T>(work: () => Promise<T>): Promise<T> {
  try {
    return work();
  } catch (error) {
    return Promise.reject(error);
  }
}

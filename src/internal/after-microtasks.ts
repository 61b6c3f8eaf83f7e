/**
 * Calls back when every promise job that is due, and every one that those lead to, has run; before any timer or I/O.
 *
 * The tick queue is looked at again only when the job queue is empty, so a tick asked for by a job comes after all jobs.
 * @see https://nodejs.org/api/process.html#processnexttickcallback-args
 */
export function afterMicrotasks(callback: () => void): void {
  queueMicrotask(() => process.nextTick(callback));
}

/** The wall clock, monotonic. Nothing repeatable may depend on it: it only ends runs that take too long. */

export function wallMilliseconds(): number {
  return performance.now();
}

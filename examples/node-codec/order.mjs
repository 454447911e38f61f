/** The order of code points, which is that of UTF-8 and not that of UTF-16. */
export function byCodePoint(left, right) {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

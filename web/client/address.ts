/** An address on this machine's loopback means another machine to a reader who is elsewhere. */
export function isElsewhere(address: string): boolean {
  const local = /^https?:\/\/(localhost|127\.|\[::1])/;
  return local.test(address) && !local.test(location.origin);
}

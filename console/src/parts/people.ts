/** As ids of people are compared: by letters, without case. The service has the last word. */
export function isSame(one: string, other: string): boolean {
  return one.trim().toLowerCase() === other.trim().toLowerCase();
}

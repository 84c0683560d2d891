/** A safety number in groups of five. */
export function toGroups(digits: string): string[] {
  return digits.match(/\d{1,5}/g) ?? [];
}

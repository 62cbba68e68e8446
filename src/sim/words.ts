/** Small words of the script and of what is said at the end. */

/** `1 node`, `2 nodes`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Some of the names and how many there are besides: `a, b and 2845 more`. */
export function listed(names: readonly string[], most: number): string {
  if (names.length <= most) return names.join(', ');
  return `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
}

/** What upstream wraps every failed computation in; it says nothing that the line's object and its reason do not. */
const WRAPPING =
  /^failed to compute desired number of replicas based on listed metrics for \S+: (invalid metrics \((\d+) invalid out of (\d+)\), first error is: )?/;

/** A failure without the words that all failures of its kind begin with. */
export function plainFailure(message: string): string {
  return message.replace(WRAPPING, (_, list: string | undefined, invalid: string, all: string) =>
    list === undefined || all === '1' ? '' : `${invalid} of ${all} metrics failed, the first: `,
  );
}

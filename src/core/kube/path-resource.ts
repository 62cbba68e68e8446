/** How a resource is written into a path. */

/**
 * In lower case, letter by letter. Names of external metrics stand where a resource stands, so they are asked for in lower case, too.
 *
 * Spec: HPA-20.5.   Source: client-go rest/request.go Request.URL (v0.37.2).
 */
export function pathResource(resource: string): string {
  return Array.from(resource, lowerLetter).join('');
}

/** One letter for one: `İ` becomes `i`, without the dot that JavaScript leaves beside it. */
function lowerLetter(letter: string): string {
  const [first = ''] = letter.toLowerCase();
  return first;
}

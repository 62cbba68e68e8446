/** What both autoscalers say at their start of an API server that does not serve them. */

const FIX = 'check the address, and that the server runs';

/** A request that got no answer: its failure, and a fix where it names none itself. */
export function unansweredText(failure: string): string {
  return failure.includes('; check ') ? failure : `${failure}; ${FIX}`;
}

/** A request that was refused with 401. `server`: its address and where that comes from; `answer`: the server's word. */
export function strangerText(server: string, answer: string): string {
  return `the API server ${server} refuses who we are (401 ${answer}): renew the token or the certificate, or log in again`;
}

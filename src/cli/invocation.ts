/** How this program was called, for sentences that say what to type next. */

import type { Variables } from './host.ts';

/** What stands before the flags of the demo: after `npm start` there is no `tandem` on the path. */
export function demoCall(variables: Variables): 'npm start --' | 'tandem demo' {
  return variables['npm_lifecycle_event'] === 'start' ? 'npm start --' : 'tandem demo';
}

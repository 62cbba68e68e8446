/** Rules of the scheduler's sections that no mutation breaks, and why. */

export const RAY_UNBROKEN: Readonly<Record<string, string>> = {
  'RAY-7.3a': 'follows from RAY-7.1 and RAY-10.1: what a queued node is picked for in the next round',
};

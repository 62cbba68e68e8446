/** Which versions of Ray are served: those whose autoscaler v2 speaks the messages of `cluster-state.ts`. */

/** The first version that chooses the v2 autoscaler under KubeRay by itself. Spec: kuberay 2.5. */
export const OLDEST_RAY = '2.47';

/** `unknown`: not a version number, as in a build of one's own. */
export function checkRayVersion(version: string): 'served' | 'too-old' | 'unknown' {
  const match = /^(\d+)\.(\d+)/.exec(version);
  if (match === null) return 'unknown';
  const [major, minor] = [Number(match[1]), Number(match[2])];
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_RAY.split('.').map(Number);
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor) ? 'served' : 'too-old';
}

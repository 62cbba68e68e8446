import { describe, expect, test } from 'vitest';
import { decideHpaCase } from './hpa-cases-line.ts';

const HPA = {
  metadata: { name: 'web' },
  spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, minReplicas: 2, maxReplicas: 5 },
};
const SCALE = {
  group: 'apps',
  resource: 'deployments',
  name: 'web',
  specReplicas: 1,
  statusReplicas: 1,
  selector: 'app=web',
};

describe('a line of the HPA case form', () => {
  test('is answered by the syncs of its world', () => {
    const answer = decideHpaCase(JSON.stringify({ id: 'm', world: { hpas: [HPA], scales: [SCALE] } }));
    expect(answer.kind).toBe('answered');
    expect(JSON.parse(answer.line)).toMatchObject({
      id: 'm',
      syncs: [{ key: 'default/web', at: 0, scaleWrites: [{ replicas: 2, code: 200 }] }],
    });
  });

  test.each([
    ['no JSON', '{', 'not JSON at column 2: expected a member name in double quotes'],
    ['a list', '[]', '[] is not an object'],
    ['a field that is not part of the form', '{"wrold":{}}', /^wrold: there is no such field; there are id, kind, /],
    ['a kind that is not covered', '{"kind":"loop"}', 'kind: "loop" is not a kind that is covered: reconcile'],
    [
      'a scale without a name',
      '{"world":{"scales":[{"group":"","resource":"x"}]}}',
      'world.scales[0].name: a string is required',
    ],
    ['seconds as text', '{"steps":[{"advanceSeconds":"1"}]}', 'steps[0].advanceSeconds: "1" is not a number'],
    ['feature gates', '{"controller":{"featureGates":{}}}', 'not covered: cases with feature gates'],
    ['no instant', '{"start":"yesterday"}', /start/],
  ])('is refused with a sentence: %s', (_name, text, problem) => {
    const answer = decideHpaCase(text);
    if (answer.kind !== 'malformed') throw new Error(answer.line);
    expect(answer.problem).toMatch(problem);
    expect(JSON.parse(answer.line)).toEqual({ id: '', oracleError: answer.problem });
  });
});

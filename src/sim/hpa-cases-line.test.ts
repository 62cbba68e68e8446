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
const WORLD = { hpas: [HPA], scales: [SCALE] };

async function answerTo(given: object): Promise<unknown> {
  const answer = await decideHpaCase(JSON.stringify(given));
  if (answer.kind !== 'answered') throw new Error(answer.problem);
  return JSON.parse(answer.line);
}

describe('a line of the HPA case form', () => {
  test('is answered at once by the syncs of its world', () => {
    const answer = decideHpaCase(JSON.stringify({ id: 'm', world: WORLD }));
    if (answer instanceof Promise) throw new Error('later');
    expect(answer.kind).toBe('answered');
    expect(JSON.parse(answer.line)).toMatchObject({
      id: 'm',
      syncs: [{ key: 'default/web', at: 0, scaleWrites: [{ replicas: 2, code: 200 }] }],
      prometheus: { 'horizontal_pod_autoscaler_controller_num_horizontal_pod_autoscalers{}': 1 },
    });
  });

  test('is answered by the real controller: a request takes a millisecond, a key comes back after 15 s', async () => {
    const path = '/apis/apps/v1/namespaces/default/deployments/web/scale';
    expect(await answerTo({ id: 'l', kind: 'loop', durationSeconds: 20, world: WORLD })).toMatchObject({
      timeline: [
        { at: 0.001, do: `GET ${path}`, code: 200 },
        { at: 0.002, do: `PUT ${path}`, code: 200, replicas: 2 },
        { at: 0.003, code: 200 },
        { at: 15.004, do: `GET ${path}`, code: 200 },
        { at: 15.005 },
        { at: 15.006 },
      ],
      final: { 'default/web': { desiredReplicas: 2 } },
    });
  });

  test.each<{ readonly given: object; readonly want: object }>([
    {
      given: { kind: 'validate', hpa: { ...HPA, spec: { ...HPA.spec, minReplicas: 9 } } },
      want: { code: 422, causes: [{ field: 'spec.maxReplicas', reason: 'FieldValueInvalid' }] },
    },
    { given: { kind: 'convert', hpa: HPA }, want: { v1: { spec: { targetCPUUtilizationPercentage: 80 } } } },
    {
      given: { kind: 'quantity', quantities: ['1.5', '1kk'] },
      want: { quantities: [{ canonical: '1500m', milli: '1500' }, { error: "unable to parse quantity's suffix" }] },
    },
    {
      given: { kind: 'selector', selectors: ['a in (c,b)'], labels: [{ a: 'b' }, {}] },
      want: { selectors: [{ canonical: 'a in (b,c)', matches: [true, false] }] },
    },
    {
      given: { kind: 'quantity', world: { hpas: 'of a run' }, steps: 1, old: {}, quantities: ['1'] },
      want: { quantities: [{ canonical: '1', milli: '1000' }] },
    },
  ])('is answered: $given.kind', async ({ given, want }) => {
    expect(await answerTo({ id: 'x', ...given })).toMatchObject({ id: 'x', ...want });
  });

  test.each([
    ['no JSON', '{', 'not JSON at column 2: expected a member name in double quotes'],
    ['a list', '[]', '[] is not an object'],
    ['a field that is not part of the form', '{"wrold":{}}', /^wrold: there is no such field; there are id, kind, /],
    [
      'an unknown kind',
      '{"kind":"lop"}',
      /^kind: "lop" is not .*reconcile.*loop.*validate.*convert.*quantity.*selector/,
    ],
    [
      'a scale without a name',
      '{"world":{"scales":[{"group":"","resource":"x"}]}}',
      'world.scales[0].name: a string is required',
    ],
    ['seconds as text', '{"steps":[{"advanceSeconds":"1"}]}', 'steps[0].advanceSeconds: "1" is not a number'],
    [
      'an unknown gate',
      '{"controller":{"featureGates":{"X":true}}}',
      /^controller.featureGates.X: there is no such field/,
    ],
    [
      'a gate that cannot be turned off',
      '{"controller":{"featureGates":{"HPAConfigurableTolerance":false}}}',
      'controller.featureGates.HPAConfigurableTolerance: this gate is on and locked',
    ],
    ['no instant', '{"start":"yesterday"}', /^start: "yesterday" is not an RFC 3339 instant with a zone/],
    [
      'a fault that is no expression',
      '{"world":{"faults":[{"path":"(","error":{"code":500}}]}}',
      /^world.faults\[0\].path/,
    ],
  ])('is refused with a sentence: %s', async (_name, text, problem) => {
    const answer = await decideHpaCase(text);
    if (answer.kind !== 'malformed') throw new Error(answer.line);
    expect(answer.problem).toMatch(problem);
    expect(JSON.parse(answer.line)).toEqual({ id: '', oracleError: answer.problem });
  });
});

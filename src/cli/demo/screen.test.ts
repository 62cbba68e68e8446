import { describe, expect, test } from 'vitest';
import { at, HPA_FAIL, HPA_UP, NODE_UP, tell } from '../../../test/support/sample-run.ts';
import type { DecisionRecord } from '../../ports/recorder.ts';
import { createPaint } from './paint.ts';
import { createScreen, type ScreenOptions } from './screen.ts';

function show(options: Partial<ScreenOptions> = {}): string {
  let text = '\n';
  const write = (part: string): void => {
    text += part;
  };
  tell(
    createScreen({ write, paint: createPaint('plain'), columns: undefined, names: [], detail: 'changes', ...options }),
  );
  return text;
}

test('one line per change, per step, and per failure that is new', () => {
  expect(show()).toMatchInlineSnapshot(`
    "
       0:00  script  applied Deployment web, HorizontalPodAutoscaler web
       0:15  hpa     web                    failed             no metrics for any pod yet
       1:01  script  30 tasks of 1 CPU, 60 s of work each, submitted to raycluster
       1:02  ray     ml/raycluster/small-group 0 -> 10 workers    30 x {CPU: 1} wait, one worker has 1 CPU, at most 10 are allowed
       1:03  nodes   default                   1 -> 4 nodes       10 pods do not fit: 3 nodes of s-4x-amd64-linux
       1:15  hpa     web                       1 -> 3 replicas    metrics are there: cpu is at 142 % of the requests and the target is 60 %, so 1 x 142 / 60 = 3 replicas
       1:45  hpa     web                       failed             no metrics for any pod yet
    1:02:03  script  nothing changes any more
    "
  `);
});

test('columns are aligned from the first line on when the names are known', () => {
  const lines = show({ names: ['web', 'ml/raycluster/small-group'] }).split('\n');
  const reasons = ['no metrics', '30 x {CPU', '10 pods do not', 'metrics are there'];
  expect(new Set(reasons.map((reason) => lines.find((line) => line.includes(reason))?.indexOf(reason))).size).toBe(1);
});

test('all decisions on request', () => {
  expect(show({ detail: 'all' })).toMatchInlineSnapshot(`
    "
       0:00  script  applied Deployment web, HorizontalPodAutoscaler web
       0:15  hpa     web                    failed             no metrics for any pod yet
       0:30  hpa     web                    failed             no metrics for any pod yet
       1:01  script  30 tasks of 1 CPU, 60 s of work each, submitted to raycluster
       1:02  ray     ml/raycluster/small-group 0 -> 10 workers    30 x {CPU: 1} wait, one worker has 1 CPU, at most 10 are allowed
       1:03  nodes   default                   1 -> 4 nodes       10 pods do not fit: 3 nodes of s-4x-amd64-linux
       1:15  hpa     web                       1 -> 3 replicas    metrics are there: cpu is at 142 % of the requests and the target is 60 %, so 1 x 142 / 60 = 3 replicas
       1:30  hpa     web                       stays 3 replicas   recommendations of the last 300 s are higher
       1:31  warning ray-autoscaler: patch of raycluster was refused (422), planning again
       1:45  hpa     web                       failed             no metrics for any pod yet
    1:02:03  script  nothing changes any more
    "
  `);
});

test('a reason is broken into its own column on a wide terminal', () => {
  const text = show({ columns: 120 });
  expect(text).toMatchInlineSnapshot(`
    "
       0:00  script  applied Deployment web, HorizontalPodAutoscaler web
       0:15  hpa     web                    failed             no metrics for any pod yet
       1:01  script  30 tasks of 1 CPU, 60 s of work each, submitted to raycluster
       1:02  ray     ml/raycluster/small-group 0 -> 10 workers    30 x {CPU: 1} wait, one worker has 1 CPU, at most 10 are
                                                                  allowed
       1:03  nodes   default                   1 -> 4 nodes       10 pods do not fit: 3 nodes of s-4x-amd64-linux
       1:15  hpa     web                       1 -> 3 replicas    metrics are there: cpu is at 142 % of the requests and the
                                                                  target is 60 %, so 1 x 142 / 60 = 3 replicas
       1:45  hpa     web                       failed             no metrics for any pod yet
    1:02:03  script  nothing changes any more
    "
  `);
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
});

test('and under the time on a narrow one', () => {
  const text = show({ columns: 80 });
  expect(text).toMatchInlineSnapshot(`
    "
       0:00  script  applied Deployment web, HorizontalPodAutoscaler web
       0:15  hpa     web                    failed
             no metrics for any pod yet
       1:01  script  30 tasks of 1 CPU, 60 s of work each, submitted to raycluster
       1:02  ray     ml/raycluster/small-group 0 -> 10 workers
             30 x {CPU: 1} wait, one worker has 1 CPU, at most 10 are allowed
       1:03  nodes   default                   1 -> 4 nodes
             10 pods do not fit: 3 nodes of s-4x-amd64-linux
       1:15  hpa     web                       1 -> 3 replicas
             metrics are there: cpu is at 142 % of the requests and the target is 60
             %, so 1 x 142 / 60 = 3 replicas
       1:45  hpa     web                       failed
             no metrics for any pod yet
    1:02:03  script  nothing changes any more
    "
  `);
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

test('colour marks the word of the layer and changes no text', () => {
  const painted = show({ paint: createPaint('colour'), columns: 120 });
  const escape = String.fromCharCode(27);
  expect(painted).toContain(`${escape}[36mhpa     ${escape}[39m`);
  // the pattern is made here, because a control character may not stand in one
  expect(painted.replaceAll(new RegExp(`${escape}\\[\\d+m`, 'g'), '')).toBe(show({ columns: 120 }));
});

function linesOf(records: readonly DecisionRecord[], options: Partial<ScreenOptions> = {}): readonly string[] {
  let text = '';
  const write = (part: string): void => {
    text += part;
  };
  const screen = createScreen({
    write,
    paint: createPaint('plain'),
    columns: undefined,
    names: [],
    detail: 'changes',
    ...options,
  });
  for (const record of records) screen.decision(record);
  return text.trimEnd().split('\n');
}

test('a change that its message repeats is shown once, in the singular where it is one', () => {
  const down = { ...HPA_UP, decision: { kind: 'scale', from: 3, to: 1, of: 'replicas' } } as const;
  const lines = linesOf([
    { ...HPA_UP, message: 'cpu is high' },
    { ...down, message: 'cpu is low' },
  ]);
  expect(lines.map((line) => line.slice(40))).toEqual([
    '1 -> 3 replicas    cpu is high',
    '3 -> 1 replica     cpu is low',
  ]);
});

describe('a long failure', () => {
  const long: DecisionRecord = { ...HPA_FAIL, message: `this is refused: ${'because of this and that '.repeat(40)}so` };

  test('is whole in a file or a pipe', () => {
    expect(linesOf([long])[0]).toContain(long.message);
  });

  test('keeps its beginning on a terminal', () => {
    const text = linesOf([long], { columns: 120 }).join('\n');
    expect(text).toContain('this is refused: because');
    expect(text.endsWith(' ...')).toBe(true);
    expect(text).not.toContain('so\n');
  });
});

describe('pods without a node', () => {
  const stuck: DecisionRecord = {
    ...NODE_UP,
    decision: { kind: 'hold', at: 0, of: 'nodes' },
    reason: 'FailedScheduling',
    message: 'no node for 1 pod (500.0 CPU): no instance type satisfied resources and requirements',
  };

  test('are told once with the reason, although nothing changed', () => {
    expect(linesOf([stuck, { ...stuck, at: at(73) }, { ...stuck, at: at(83) }]).map((line) => line.slice(17))).toEqual([
      'default                stays 0 nodes      no node for 1 pod (500.0 CPU): no instance type satisfied resources and requirements',
    ]);
  });
});

test('says how far the run has come', () => {
  const screen = createScreen({
    write: () => undefined,
    paint: createPaint('plain'),
    columns: undefined,
    names: [],
    detail: 'changes',
  });
  expect(screen.elapsed()).toBe('0:00');
  screen.step(HPA_UP.at, 'start');
  tell(screen);
  expect(screen.elapsed()).toBe('1:00:47');
  expect(screen.hiddenWarnings()).toBe(1);
});

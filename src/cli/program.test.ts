import { describe, expect, test } from 'vitest';
import { DEMO_START, EventClock } from '../clock/event-clock.ts';
import { seconds } from '../core/time/time.ts';
import { AssertionError } from '../lib/assert.ts';
import { RESULT, tell } from '../../test/support/sample-run.ts';
import type { ScenarioOptions, ScenarioResult } from '../sim/scenario-types.ts';
import { Interrupted, type Environment, type Host, type Variables } from './host.ts';
import { runProgram } from './program.ts';

type Setup = {
  readonly terminal?: number;
  readonly environment?: Environment;
  readonly variables?: Variables;
  readonly signal?: AbortSignal;
  readonly play?: (options: ScenarioOptions) => Promise<ScenarioResult>;
};

type Outcome = {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What the scenario was asked to play, if it was. */
  readonly played: ScenarioOptions | undefined;
};

async function run(args: readonly string[], setup: Setup = {}): Promise<Outcome> {
  const text = { stdout: '', stderr: '' };
  const output = (name: 'stdout' | 'stderr') => ({
    write: (part: string) => {
      text[name] += part;
    },
    isTerminal: setup.terminal !== undefined,
    columns: setup.terminal,
  });
  const host: Host = {
    stdout: output('stdout'),
    stderr: output('stderr'),
    environment: setup.environment ?? { colour: 'allowed', charset: 'unicode' },
    variables: setup.variables ?? {},
    signal: setup.signal ?? new AbortController().signal,
    clock: new EventClock({ start: DEMO_START, pace: { kind: 'jump' }, limit: seconds(1) }),
  };
  let played: ScenarioOptions | undefined;
  const play = setup.play ?? (() => Promise.resolve(RESULT));
  const runScenario = (options: ScenarioOptions): Promise<ScenarioResult> => {
    played = options;
    tell(options.observer);
    return play(options);
  };
  const exitCode = await runProgram(args, host, { runScenario });
  return { exitCode, ...text, played };
}

const NOT_HELD: ScenarioResult = { ...RESULT, expectations: [{ name: 'nodes shrink', held: false, detail: '4' }] };

describe('tandem demo', () => {
  test("plays the guide's scenario at 20 times real time and shows it", async () => {
    const { exitCode, stdout, stderr, played } = await run(['demo']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(played).toMatchObject({ input: { kind: 'guide' }, speed: 20, seed: 1, trace: undefined });
    expect(stdout).toMatchInlineSnapshot(`
      "tandem plays the guide's scenario on an embedded cluster: 1 s here is 20 s there, seed 1, Ctrl-C ends it.
      Each line is a decision: time, layer (hpa = replicas, ray = workers, nodes = machines), object, from -> to, reason.

         0:00  script  applied Deployment web, HorizontalPodAutoscaler web
         0:15  hpa     web                    failed             no metrics for any pod yet
         1:01  script  30 tasks of 1 CPU, 60 s of work each, submitted to raycluster
         1:02  ray     ml/raycluster/small-group 0 -> 10 workers    30 x {CPU: 1} wait, one worker has 1 CPU, at most 10 are allowed
         1:03  nodes   default                   1 -> 4 nodes       10 pods do not fit: 3 nodes of s-4x-amd64-linux
         1:15  hpa     web                       1 -> 3 replicas    metrics are there: cpu is at 142 % of the requests and the target is 60 %, so 1 x 142 / 60 = 3 replicas
         1:45  hpa     web                       failed             no metrics for any pod yet
      1:02:03  script  nothing changes any more

      load of web            18 |   ▁▁▁▁█████████████████████████████                                    |
      requests/s              0 |▁▁▁█████████████████████████████████▄▄▄▄▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁|
      web                     5 |    ▂▂▂▂██████████████████████████████████████████████                  |
      replicas, pods          0 |▃▃▃▃██████████████████████████████████████████████████▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃|
      raycluster/small-group 10 |   ███████████████                                                      |
      workers, pods           0 |   ███████████████▆▆                                                    |
      nodes                   4 |     █████████████████████                                              |
      nodes                   0 |▄▄▄▄▄█████████████████████▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄|
                                ++-----------------+-----------------+-----------------+-----------------+
                                 0:00              5:00              10:00             15:00

      First, peak and last of each layer:
      hpa    HPA web on Deployment web                          1 -> 5 -> 1 replicas
      ray    worker group small-group of RayCluster raycluster  0 -> 10 -> 0 workers
      nodes  nodes                                              0 -> 4 -> 1 nodes     default-1 holds the head and 1 replica

      held      HPA web: 1 -> 5 -> 1 (1 -> 5 -> 1)
      held      no running task lost (30 finished, 0 lost)
      2 of 2 expectations held.

      20:00 of virtual time, 5 decisions. One warning was left out: --verbose shows what the loops survived.
      The cluster is gone. Next: tandem demo --speed max, or your own manifests: tandem demo -f FILE (examples/guide.yaml to begin with).
      "
    `);
  });

  test('once: does not say how to go on', async () => {
    expect((await run(['demo', '--once'])).stdout).not.toContain('Next:');
  });

  test('json: one document on stdout and nothing else, as fast as possible', async () => {
    const { exitCode, stdout, stderr, played } = await run(['demo', '--once', '--output', 'json']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(played?.speed).toBe('max');
    expect(JSON.parse(stdout)).toMatchObject({
      held: true,
      scenario: {
        input: 'guide',
        objects: [
          'HorizontalPodAutoscaler ray-serve-hpa',
          'Deployment ray-serve-replica',
          'RayCluster raycluster',
          'NodePool default',
        ],
        load: 'built-in',
        seed: 1,
      },
    });
  });

  test('takes speed and seed', async () => {
    const { played } = await run(['demo', '--speed', '2.5', '--seed', '42']);
    expect(played).toMatchObject({ speed: 2.5, seed: 42 });
    expect((await run(['demo', '--speed=max', '--output=json'])).played?.speed).toBe('max');
    expect((await run(['demo', '--speed=5', '--output=json'])).played?.speed).toBe(5);
  });

  test("takes one's own manifests; the guide's pool is added where none is given", async () => {
    const file = 'test/fixtures/manifests/good-numbers.yaml';
    const { played, stdout } = await run(['demo', '-f', file]);
    expect(played?.input.kind).toBe('manifests');
    expect(played?.input.objects.map(({ kind }) => kind)).toEqual([
      'Deployment',
      'HorizontalPodAutoscaler',
      'NodePool',
    ]);
    expect(stdout).toContain(`plays ${file} on`);
    expect(stdout).toContain("No NodePool was given, so nodes come from the guide's");
    const whole = await run(['demo', '-f', 'examples/guide.yaml', '-f', file]);
    expect(whole.played?.input.objects).toHaveLength(6);
    expect(whole.stdout).not.toContain('No NodePool');
  });

  test('takes a trace', async () => {
    const file = 'test/fixtures/traces/counts.txt';
    const { played, stdout } = await run(['demo', '--trace', file, '--output', 'json']);
    expect(played?.trace).toEqual({ requestsPerSecond: [3, 0, 12], source: file });
    expect(JSON.parse(stdout)).toMatchObject({ scenario: { load: `trace ${file}` } });
  });

  test('takes a load for Ray', async () => {
    const file = 'examples/ray-load.yaml';
    const { played, stdout } = await run(['demo', '--ray-load', file]);
    expect(played?.rayLoad?.source).toBe(file);
    expect(played?.rayLoad?.steps.map(({ at, ask }) => `${at} ${ask.kind}`)).toEqual([
      '0 request-resources',
      '90 placement-group',
      '90 placement-group',
      '120 task',
      '240 request-resources',
      '480 request-resources',
    ]);
    expect(stdout).toContain(`plays the guide's scenario, load for Ray from ${file} on`);
    const json = await run(['demo', '--ray-load', file, '--output', 'json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ scenario: { load: 'built-in', rayLoad: file }, rayAsks: [] });
  });

  test('what was expected did not hold: exit code 1, in both forms', async () => {
    const play = (): Promise<ScenarioResult> => Promise.resolve(NOT_HELD);
    const text = await run(['demo'], { play });
    expect(text.exitCode).toBe(1);
    expect(text.stdout).toContain('NOT HELD  nodes shrink (4)');
    const json = await run(['demo', '--output', 'json'], { play });
    expect(json.exitCode).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({ held: false });
  });
});

describe('colour', () => {
  const escape = String.fromCharCode(27);
  const allowed = { colour: 'allowed', charset: 'unicode' } as const;
  test.each([
    { name: 'a terminal', args: [], setup: { terminal: 120 }, coloured: true },
    { name: 'no terminal', args: [], setup: {}, coloured: false },
    {
      name: 'NO_COLOR',
      args: [],
      setup: { terminal: 120, environment: { ...allowed, colour: 'forbidden' as const } },
      coloured: false,
    },
    { name: '--no-color', args: ['--no-color'], setup: { terminal: 120 }, coloured: false },
  ])('$name', async ({ args, setup, coloured }) => {
    expect((await run(['demo', ...args], setup)).stdout.includes(escape)).toBe(coloured);
  });
});

describe('bad input: one sentence, exit code 2, nothing starts', () => {
  test.each([
    {
      args: ['demo', '--sped', '3'],
      want: "unknown option '--sped': did you mean --seed or --speed? `tandem demo --help` shows what there is",
    },
    { args: ['dem'], want: "unknown command 'dem': did you mean demo? `tandem --help` shows what there is" },
    { args: ['--fast'], want: "unknown option '--fast': `tandem --help` shows what there is" },
    { args: ['demo', '--speed'], want: "option '--speed <n|max>' argument missing: put a value behind it" },
    {
      args: ['demo', 'guide.yaml'],
      want: "'demo' takes no argument of its own: files are named with -f FILE, a trace with --trace FILE",
    },
    { args: ['hpa', 'extra'], want: "'hpa' takes no argument of its own: `tandem hpa --help` shows what there is" },
    {
      args: ['demo', '--speed', '0'],
      want: "option '--speed <n|max>' argument '0' is invalid: write a number above 0 and at most 1000000 (20 means 20 virtual seconds in one real second) or max; nothing was started",
    },
    {
      args: ['demo', '--speed', 'fast'],
      want: "option '--speed <n|max>' argument 'fast' is invalid: write a number above 0 and at most 1000000 (20 means 20 virtual seconds in one real second) or max; nothing was started",
    },
    {
      args: ['demo', '--seed', '1.5'],
      want: "option '--seed <n>' argument '1.5' is invalid: write a whole number of 0 or more, such as 1; nothing was started",
    },
    {
      args: ['demo', '--output', 'yaml'],
      want: "option '--output <format>' argument 'yaml' is invalid: Allowed choices are text, json; nothing was started",
    },
  ])('$args', async ({ args, want }) => {
    expect(await run(args)).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `tandem: ${want} (TANDEM_USAGE)\n`,
      played: undefined,
    });
  });

  test('a speed beyond the highest', async () => {
    const { stderr } = await run(['demo', '--speed', '99999999999']);
    expect(stderr).toContain('write a number above 0 and at most 1000000');
  });

  test('in text too nothing is announced that is not played', async () => {
    const { exitCode, stdout, stderr } = await run(['demo', '-f', 'no/such.yaml']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain('nothing was started');
  });

  test('a trace without an HPA that its requests could reach', async () => {
    const files = ['-f', 'test/fixtures/manifests/good-list-of-exports.yaml'];
    const { exitCode, stdout, stderr, played } = await run([
      'demo',
      ...files,
      '--trace',
      'test/fixtures/traces/counts.txt',
    ]);
    expect({ exitCode, stdout, played }).toEqual({ exitCode: 2, stdout: '', played: undefined });
    expect(stderr).toContain('its requests would reach nobody, because no HorizontalPodAutoscaler was given. Fix: ');
  });

  test('a load for Ray without a cluster that could be asked', async () => {
    const { exitCode, stdout, stderr, played } = await run([
      'demo',
      '-f',
      'test/fixtures/manifests/good-numbers.yaml',
      '--ray-load',
      'examples/ray-load.yaml',
    ]);
    expect({ exitCode, stdout, played }).toEqual({ exitCode: 2, stdout: '', played: undefined });
    expect(stderr).toContain(
      'nobody would be asked, because no RayCluster with enableInTreeAutoscaling: true was given',
    );
  });

  test('a broken load for Ray', async () => {
    const { exitCode, stdout, stderr, played } = await run(['demo', '--ray-load', 'test/fixtures/traces/counts.txt']);
    expect({ exitCode, stdout, played }).toEqual({ exitCode: 2, stdout: '', played: undefined });
    expect(stderr).toContain('(TANDEM_RAY_LOAD)');
  });

  test('a broken manifest', async () => {
    const { exitCode, stdout, stderr, played } = await run(['demo', '--output', 'json', '-f', 'no/such.yaml']);
    expect({ exitCode, stdout, played }).toEqual({ exitCode: 2, stdout: '', played: undefined });
    expect(stderr).toContain('no/such.yaml: there is no such file.');
    expect(stderr).toContain('(TANDEM_MANIFEST)');
  });

  test('a broken trace', async () => {
    const { exitCode, stdout, stderr, played } = await run(['demo', '--output', 'json', '--trace', 'no/such.csv']);
    expect({ exitCode, stdout, played }).toEqual({ exitCode: 2, stdout: '', played: undefined });
    expect(stderr).toContain('(TANDEM_TRACE)');
  });
});

describe('called by npm start', () => {
  const variables = { npm_lifecycle_event: 'start' };

  test('what to type next begins with npm start', async () => {
    expect((await run(['demo', '--sped', '3'], { variables })).stderr).toContain('`npm start -- --help` shows');
    expect((await run(['demo', '--help'], { variables })).stdout).toContain('  npm start -- --trace requests.csv ');
    expect((await run(['demo'], { variables })).stdout).toContain('Next: npm start -- --speed max, or your own');
  });

  test('a flag that npm took for itself is named', async () => {
    const { exitCode, stderr } = await run(['demo', 'web.yaml'], {
      variables: { ...variables, npm_config_force: 'true' },
    });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('npm kept -f for itself: put -- before the flags, as in `npm start -- -f FILE`');
  });
});

test('after a run at full speed nobody is told to try that', async () => {
  const { stdout } = await run(['demo', '--speed', 'max']);
  expect(stdout).toContain('Next: your own manifests: tandem demo -f FILE');
  expect(stdout).not.toContain('Next: tandem demo --speed max');
});

test('what did not work is said at the end, and is no reason to fail', async () => {
  const unserved = [{ object: 'HPA web', problem: 'never got a number', reason: 'missing request for cpu' }];
  const play = (): Promise<ScenarioResult> => Promise.resolve({ ...RESULT, unserved });
  const { exitCode, stdout } = await run(['demo'], { play });
  expect(exitCode).toBe(0);
  expect(stdout).toContain('Not everything worked:\n- HPA web: never got a number: missing request for cpu\n');
});

test('warnings come before the timeline, and never into the JSON document', async () => {
  const files = ['-f', 'test/fixtures/manifests/good-with-warnings.yaml'];
  const { stdout } = await run(['demo', ...files]);
  expect(stdout.indexOf('Warning: ')).toBeGreaterThan(stdout.indexOf('tandem plays'));
  expect(stdout.indexOf('Warning: ')).toBeLessThan(stdout.indexOf('   0:00  script'));
  const json = await run(['demo', ...files, '--output', 'json']);
  expect(json.stderr).toContain('Warning: ');
  expect(JSON.parse(json.stdout)).toMatchObject({ scenario: { input: 'manifests' } });
});

describe('help and version', () => {
  test.each([[[]], [['--help']], [['demo', '--help']], [['help', 'demo']], [['--version']]])('%j', async (args) => {
    const { exitCode, stdout, stderr } = await run(args);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).not.toBe('');
  });

  test('the help of demo, as it is printed', async () => {
    expect((await run(['demo', '--help'])).stdout).toMatchInlineSnapshot(`
      "Usage: tandem demo [options]

      play a scenario on an embedded cluster and show every decision; needs no
      Kubernetes

      Options:
        --speed <n|max>           virtual seconds per real second
        --seed <n>                seed of everything random (default: 1)
        --once                    play the scenario once and end (today it ends
                                  without this flag, too)
        --output <format>         what to print (choices: "text", "json", default:
                                  "text")
        -f, --filename <file...>  play your own manifests instead of the guide's
                                  (YAML, - for what is piped in; may be given more
                                  than once)
        --trace <file>            replay requests as the load: CSV with a TIMESTAMP
                                  column, or one count per second per line
        --ray-load <file>         what Ray is asked for in place of the built-in
                                  tasks, as YAML: tasks, actors, placement groups,
                                  request_resources
        --verbose                 show decisions that change nothing, too
        --no-color                no colour (NO_COLOR does the same)
        -h, --help                print this help and end

      --speed is 20 unless said otherwise, max with --output json.

      Examples:
        tandem demo                                the guide's scenario, 20 times as fast as real
        tandem demo --speed max                    the same, as fast as the machine can
        tandem demo --once --output json           one JSON document on stdout
        tandem demo -f hpa.yaml -f deployment.yaml your own manifests
        tandem demo --trace requests.csv           the load of a recorded day
        tandem demo --ray-load ray-load.yaml       placement groups and a floor for Ray, as in examples/
      "
    `);
  });
});

describe('when it ends early', () => {
  test.each(['text', 'json'])('interrupted: one line on stderr, exit code 130 (%s)', async (output) => {
    const scope = new AbortController();
    const play = (options: ScenarioOptions): Promise<ScenarioResult> => {
      scope.abort(new Interrupted('SIGINT', 130));
      return Promise.reject(options.signal.reason as Error);
    };
    const { exitCode, stdout, stderr } = await run(['demo', '--output', output], { play, signal: scope.signal });
    expect(exitCode).toBe(130);
    expect(stderr).toBe('\ntandem: stopped at 1:02:03 of virtual time, nothing is left running\n');
    if (output === 'json') expect(stdout).toBe('');
  });

  test('a defect is called one, with its lines, and is no success', async () => {
    const play = (): Promise<ScenarioResult> => Promise.reject(new AssertionError('3 pods on 0 nodes'));
    const { exitCode, stderr } = await run(['demo'], { play });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('a broken invariant');
    expect(stderr).toContain('3 pods on 0 nodes');
  });
});

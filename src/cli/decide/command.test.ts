import { describe, expect, test } from 'vitest';
import { DEMO_START, EventClock } from '../../clock/event-clock.ts';
import { seconds } from '../../core/time/time.ts';
import { Interrupted, type Host } from '../host.ts';
import { runProgram } from '../program.ts';
import { MAX_LINE_BYTES } from './run-lines.ts';

type Outcome = { readonly exitCode: number; readonly stdout: string; readonly stderr: string };

async function run(
  args: readonly string[],
  input: string | AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<Outcome> {
  const text = { stdout: '', stderr: '' };
  const output = (name: 'stdout' | 'stderr'): Host['stdout'] => ({
    write: (part) => void (text[name] += part),
    isTerminal: false,
    columns: undefined,
  });
  async function* piped(): AsyncGenerator<Uint8Array> {
    if (typeof input === 'string') yield new TextEncoder().encode(input);
    else yield* input;
  }
  const host: Host = {
    stdout: output('stdout'),
    stderr: output('stderr'),
    stdin: piped,
    environment: { colour: 'forbidden', charset: 'ascii' },
    variables: {},
    signal: signal ?? new AbortController().signal,
    clock: new EventClock({ start: DEMO_START, pace: { kind: 'jump' }, limit: seconds(1) }),
  };
  const exitCode = await runProgram(['decide', ...args], host, {
    runScenario: () => Promise.reject(new Error('no scenario is played here')),
  });
  return { exitCode, ...text };
}

const CASE =
  '{"id":"a","node_types":[{"name":"A","max":2,"resources":[["CPU",4]]}],"demands":[{"resources":[["CPU",4]],"count":3}]}';

describe('tandem decide ray', () => {
  test('answers line by line, in order; empty lines and comments are passed over', async () => {
    const { exitCode, stdout, stderr } = await run(['ray'], `# two\n${CASE}\n\n${CASE.replace('"a"', '"b"')}\n`);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const results = stdout.trimEnd().split('\n');
    expect(results.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { id: 'a', launches: [['A', 2]] },
      { id: 'b', launches: [['A', 2]] },
    ]);
  });

  test('a malformed case is told with its line and field; the next one is answered and the exit code says so', async () => {
    const { exitCode, stdout, stderr } = await run(['ray'], `{"id":"x","now_s":"5"}\n{"a"\n${CASE}`);
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      'tandem decide ray: line 1, case x: now_s: "5" is not a number\n' +
        'tandem decide ray: line 2: not JSON at column 5: expected `:` after a member name\n',
    );
    const results = stdout.trimEnd().split('\n');
    expect(results.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { id: 'x', ok: false, error: 'BadCase' },
      { id: null, ok: false, error: 'BadCase' },
      { id: 'a', ok: true },
    ]);
  });

  test('an aborted round is an answer', async () => {
    const { exitCode, stdout } = await run(['ray'], '{"constraints":[[],[]]}');
    expect({ exitCode, ok: JSON.parse(stdout) as unknown }).toMatchObject({ exitCode: 0, ok: { ok: false } });
  });

  test('a line over 64 MiB is refused', async () => {
    async function* long(): AsyncGenerator<Uint8Array> {
      const chunk = new Uint8Array(1024 * 1024).fill(0x20);
      for (let i = 0; i <= MAX_LINE_BYTES / chunk.length; i++) yield chunk;
      yield new TextEncoder().encode(`\n${CASE}\n`);
    }
    const { exitCode, stdout, stderr } = await run(['ray'], long());
    expect(exitCode).toBe(1);
    expect(stderr).toBe('tandem decide ray: line 1: longer than 64 MiB: one case per line, and at most that much\n');
    expect(stdout).toContain('{"id":"a","ok":true');
  });

  test('--trace adds the nodes', async () => {
    const { stdout } = await run(['ray', '--trace'], CASE);
    expect(JSON.parse(stdout)).toMatchObject({ trace: [{ status: 'TO_LAUNCH' }, { status: 'TO_LAUNCH' }] });
  });

  test('--explain says it in sentences', async () => {
    const gib = 1024 ** 3;
    const given = {
      id: 'why',
      config: { idle_timeout_s: 60 },
      node_types: [
        {
          name: 'A',
          max: 3,
          min: 1,
          resources: [
            ['CPU', 4],
            ['memory', 8 * gib],
          ],
          labels: { zone: 'a' },
        },
        { name: 'B', max: 0, resources: [['CPU', 64]] },
      ],
      instances: [
        {
          id: 'i1',
          cloud_id: 'c1',
          node_type: 'A',
          status: 'RAY_RUNNING',
          ray_node_id: 'r1',
          ray_node: { total: [['CPU', 2]], available: [], idle_ms: 61_000 },
        },
      ],
      demands: [
        {
          resources: [
            ['CPU', 4],
            ['memory', 4 * gib],
          ],
          count: 4,
        },
        { resources: [['CPU', 1]], selectors: [[['zone', 'IN', ['z']]]] },
      ],
      gangs: [{ details: 'pg1:STRICT_PACK|PENDING', requests: [{ resources: [['CPU', 100]] }] }],
      constraints: [[{ resources: [['GPU', 1]], count: 2 }]],
    };
    const { exitCode, stdout } = await run(['ray', '--explain'], JSON.stringify(given));
    expect(exitCode).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "case why
        Launches 2 nodes of A for 2 x {4 CPU, 4 GiB memory}.
          No other type could: B (an empty node has no memory). Of the nodes there none has CPU left.
        Terminates i1 (A): idle for 61 s, longer than the time-out of 60 s.
        5 requests wait and find room: 2 on new nodes, 3 nowhere.
        1 placement group waits and finds no room.
        request_resources cannot be met as a whole, and nothing is done for it. No place for 2 x {1 GPU} of it: no new node of A, B (an empty node has no GPU). Of the nodes there none has GPU left.
        No place for placement group pg1:STRICT_PACK|PENDING as a whole, left over 1 x {100 CPU}: no new node of A (an empty node has 4 of 100 CPU); B (an empty node has 64 of 100 CPU). Of the nodes there none has CPU left.
        No place for 1 x {1 CPU, zone in (z)}: no new node of A (its zone is a, asked is in (z)); B (it has no label zone, asked is in (z)). Of the nodes there none has CPU left.
        No place for 2 x {4 CPU, 4 GiB memory}: no new node of A (its maximum of 3 nodes is reached, 1 of them to be terminated); B (an empty node has no memory). Of the nodes there none has CPU left.
      "
    `);
  });

  test('--explain of an aborted round and of a malformed case', async () => {
    const { stdout, stderr } = await run(
      ['ray', '--explain'],
      '{"id":"two","constraints":[[],[]]}\n{"id":"bad","gangs":1}',
    );
    expect(stdout).toMatch(/^case two\n {2}The round is given up, as the original does, and nothing is done: .*\.\n$/);
    expect(stderr).toBe('tandem decide ray: line 2, case bad: gangs: 1 is not a list\n');
  });

  test('stops when it is told to', async () => {
    const stop = new AbortController();
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (let i = 0; ; i++) {
        if (i === 3) stop.abort(new Interrupted('SIGINT', 130));
        yield new TextEncoder().encode(`${CASE}\n`);
      }
    }
    expect((await run(['ray'], endless(), stop.signal)).exitCode).toBe(130);
  });

  test.each([
    [['ray', '--trace', '--explain'], /cannot be used with/],
    [
      ['ray', 'cases.jsonl'],
      /^tandem: 'ray' takes no argument of its own: `tandem decide ray --help` shows what there is/,
    ],
    [['rya'], /^tandem: unknown command 'rya': did you mean ray\? `tandem decide --help` shows what there is/],
    [[], /^tandem: the command is not complete: `tandem decide --help` shows what there is/],
  ])('%j is bad usage', async (args, sentence) => {
    const { exitCode, stderr } = await run(args, '');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(sentence);
  });
});

describe('tandem decide hpa', () => {
  test('answers every kind of case in order, refuses what is none, and goes on', async () => {
    const lines = [
      '{"id":"empty"}',
      '{"id":"l","kind":"lop"}',
      '{"id":"later","kind":"loop"}',
      '{"id":"q","kind":"quantity"}',
    ];
    const { exitCode, stdout, stderr } = await run(['hpa'], `${lines.join('\n')}\n`);
    expect(exitCode).toBe(1);
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly id: string });
    expect(answers.map(({ id }) => id)).toEqual(['empty', 'l', 'later', 'q']);
    expect(answers[0]).toMatchObject({ syncs: [] });
    expect(stderr).toMatch(/^tandem decide hpa: line 2, case l: kind: "lop" is not [^\n]*\n$/);
  });

  test('a line that is too long is refused, the next is answered', async () => {
    const { exitCode, stdout, stderr } = await run(
      ['hpa'],
      `"${'x'.repeat(64 * 1024 * 1024)}"\n{"id":"q","kind":"quantity"}\n`,
    );
    expect(exitCode).toBe(1);
    expect(stderr).toBe('tandem decide hpa: line 1: longer than 64 MiB: one case per line, and at most that much\n');
    expect(stdout).toContain('{"id":"q","quantities":[],"milliQuantities":[]}\n');
  });
});

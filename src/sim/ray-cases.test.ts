import { describe, expect, test } from 'vitest';
import { floatText } from '../lib/python-text.ts';
import { numberText } from './ray-cases-numbers.ts';
import { decideRayCase } from './ray-cases.ts';

const TYPE = '{"name":"A","max":5,"resources":[["CPU",4]]}';
const RUNNING =
  '{"id":"i1","cloud_id":"c1","node_type":"A","status":"RAY_RUNNING","ray_node_id":"r1",' +
  '"ray_node":{"total":[["CPU",4]],"available":[["CPU",4]],"idle_ms":60001}}';

function answer(text: string, trace = false): string {
  return decideRayCase(text, { trace }).line;
}

describe('a result line', () => {
  test('has the fields of the form in their order, amounts as floats', () => {
    const line = answer(
      `{"id":"x","node_types":[${TYPE}],"demands":[{"resources":[["CPU",4]],"count":2},{"resources":[["GPU",1]]}]}`,
    );
    expect(line).toBe(
      '{"id":"x","ok":true,"launches":[["A",2]],"terminations":[],"resizes":[],"infeasible":[{"resources":[["GPU",1.0]],"count":1}],' +
        '"infeasible_gangs":[],"infeasible_constraints":[],"cluster_resources":[["CPU",8.0]],"state":{"pending_unneeded_since_s":{}}}',
    );
  });

  test.each([
    ['60', '60'],
    ['60.0', '60.0'],
    ['6e1', '60.0'],
    ['59.5', '59.5'],
  ])('prints the time-out %s as the original does', (literal, printed) => {
    const line = answer(`{"config":{"idle_timeout_s":${literal}},"node_types":[${TYPE}],"instances":[${RUNNING}]}`);
    expect(line).toContain(`"details":"idle for 60.001 secs > timeout=${printed} secs"`);
  });

  test('hands times of the state on in the form in which they came', () => {
    const line = answer('{"state":{"pending_unneeded_since_s":{"A":[1,2.0,2.5]}}}');
    expect(line).toContain('"state":{"pending_unneeded_since_s":{"A":[1,2.0,2.5]}}');
  });

  test('prints a resize in the form of the number that it was taken from', () => {
    const group = '["A",{"min_cpu":4,"max_cpu":8.0,"min_memory":0,"max_memory":0,"resize_timeout":60}]';
    const status =
      '{"cloud_id":"c1","group":"A","current_cpu":4,"current_memory":0,"desired_cpu":4,"desired_memory":0,"raylet_id":"l1"}';
    const line = answer(
      `{"node_types":[${TYPE}],"instances":[${RUNNING}],"demands":[{"resources":[["CPU",8]]}],"ippr":{"groups":[${group}],"statuses":[${status}]}}`,
    );
    expect(line).toContain('"resizes":[{"cloud_id":"c1","desired_cpu":8.0,"desired_memory":0,"raylet_id":"r1"}]');
  });

  test('with the nodes at the end of the round when they are asked for', () => {
    const text = `{"node_types":[${TYPE}],"instances":[${RUNNING}],"demands":[{"resources":[["CPU",1]],"count":2}]}`;
    expect(answer(text, true)).toContain(
      '"trace":[{"node_type":"A","status":"SCHEDULABLE","instance_id":"i1","total":[["CPU",4.0]],"available":[["CPU",2.0]],' +
        '"labels":{},"demand":[{"resources":[["CPU",1.0]],"count":2}],"constraint":[]}]',
    );
    expect(answer(text)).not.toContain('"trace"');
  });

  test('of an aborted round has the error of the original and where it is raised', () => {
    const line = answer('{"id":"two","constraints":[[],[]]}');
    expect(JSON.parse(line)).toMatchObject({
      id: 'two',
      ok: false,
      error: 'AssertionError',
      where: '_enforce_resource_constraints',
    });
  });

  test.each([
    ['{}', 'null'],
    ['{"id":7}', '7'],
    ['{"id":null}', 'null'],
  ])('carries the id as it was given: %s', (text, id) => {
    expect(answer(text)).toContain(`{"id":${id},"ok":true`);
  });
});

describe('reading a case', () => {
  test('of node types with equal names the last counts, at the place of the first', () => {
    const types = '{"name":"A","max":9,"resources":[["CPU",1]]},{"name":"B","max":9,"resources":[["CPU",4]]}';
    const line = answer(`{"node_types":[${types},${TYPE}],"demands":[{"resources":[["CPU",4]]}]}`);
    expect(line).toContain('"launches":[["A",1]]');
  });

  test('passes over instances that the instance manager does not know, or whose status is unknown', () => {
    const line = answer(
      `{"node_types":[${TYPE}],"instances":[{"id":"a","in_im":false},{"id":"b","node_type":"A","status":"UNKNOWN"}]}`,
    );
    expect(line).toContain('"cluster_resources":[]');
  });

  test('takes null for absent', () => {
    const config = '{"max_num_nodes":null,"idle_timeout_s":null,"pending_idle_timeout_s":null}';
    const line = answer(`{"config":${config},"availability":null,"ippr":null,"state":null,"node_types":[${TYPE}]}`);
    expect(line).toContain('"ok":true');
  });

  test('a count of 0 or less asks for nothing', () => {
    const line = answer('{"demands":[{"resources":[["CPU",1]],"count":0},{"resources":[["CPU",1]],"count":-1}]}');
    expect(line).toContain('"infeasible":[]');
  });

  test.each([
    ['no object', '[1]', '[1] is not an object'],
    ['no JSON', '{"id":', 'not JSON at column 7: expected a value, but the line ends'],
    ['no max', '{"node_types":[{"name":"A"}]}', 'node_types[0].max: a whole number of 0 or more is required'],
    [
      'min over max',
      '{"node_types":[{"name":"A","max":1,"min":2}]}',
      'node_types[0].min: 2 is not at most max, which is 1',
    ],
    ['text for a number', '{"now_s":"5"}', 'now_s: "5" is not a number'],
    [
      'a limit with a point',
      '{"config":{"max_num_nodes":2.0}}',
      'config.max_num_nodes: a whole number written without point and exponent is expected',
    ],
    [
      'half a pair',
      '{"demands":[{"resources":[["CPU"]]}]}',
      'demands[0].resources[0]: ["CPU"] is not a pair [name, number]',
    ],
    [
      'an operator of another language',
      '{"demands":[{"selectors":[[["a","EXISTS",[]]]]}]}',
      'demands[0].selectors[0][0][1]: "EXISTS" is not one of IN, NOT_IN, UNSPECIFIED',
    ],
    [
      'a resize of no group',
      '{"ippr":{"groups":[],"statuses":[{"cloud_id":"c","group":"B","current_cpu":1,"current_memory":1,"desired_cpu":1,"desired_memory":1}]}}',
      'ippr.statuses[0].group: "B" is not the name of one of ippr.groups',
    ],
  ])('says what is wrong: %s', (_name, text, problem) => {
    expect(decideRayCase(text, { trace: false })).toMatchObject({ kind: 'malformed', problem });
  });

  test('finds every fault of a line, and answers it like the original', () => {
    const made = decideRayCase('{"id":"x","demands":[{"resources":[["CPU","1"]]}],"gangs":3}', { trace: false });
    const message = 'demands[0].resources[0][1]: "1" is not a number; gangs: 3 is not a list';
    expect(made.line).toBe(JSON.stringify({ id: 'x', ok: false, error: 'BadCase', message }));
  });
});

describe('numbers as Python prints them', () => {
  test.each([
    [0, '0.0'],
    [-0, '-0.0'],
    [4, '4.0'],
    [0.1, '0.1'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [1.5e-7, '1.5e-07'],
    [1e15, '1000000000000000.0'],
    [1e16, '1e+16'],
    [123456789012345680, '1.2345678901234568e+17'],
    [1e22, '1e+22'],
    [1e100, '1e+100'],
    [1 / 3, '0.3333333333333333'],
  ])('%d', (value, text) => {
    expect(floatText(value)).toBe(text);
  });

  test('an integer keeps its digits', () => {
    expect(numberText(1e21, 'int')).toBe('1000000000000000000000');
  });
});

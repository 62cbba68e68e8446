import { isIP } from 'node:net';
import { expect, test } from 'vitest';
import { addressesOf, findOwnIp, parseHostPort } from './address.ts';

test.each([
  ['10.0.0.7:6379', { host: '10.0.0.7', port: 6379 }],
  ['head-svc.default:6380', { host: 'head-svc.default', port: 6380 }],
  ['[fd00::7]:6379', { host: 'fd00::7', port: 6379 }],
])('%s is read', (text, want) => {
  expect(parseHostPort(text)).toEqual(want);
});

test.each([
  '',
  '10.0.0.7',
  ':6379',
  '10.0.0.7:',
  '10.0.0.7:0',
  '10.0.0.7:99999',
  'fd00::7:6379',
  'http://a:1',
  'a b:1',
])('%j is refused with the form that is wanted', (text) => {
  expect(() => parseHostPort(text)).toThrow('is no host:port, such as 10.0.0.7:6379');
});

const own = { ownIp: '10.0.0.5', metricsPort: 44217 };

test('a pod publishes its own address and listens everywhere', () => {
  expect(addressesOf({ host: '10.0.0.5', port: 6379 }, { ...own, face: 'ray' })).toEqual({
    gcs: '10.0.0.5:6379',
    metrics: '10.0.0.5:44217',
    metricsHost: undefined,
  });
});

test("a loopback address becomes the pod's under Ray's name", () => {
  expect(addressesOf({ host: '127.0.0.1', port: 6380 }, { ...own, face: 'ray' })).toEqual({
    gcs: '10.0.0.5:6380',
    metrics: '10.0.0.5:44217',
    metricsHost: undefined,
  });
});

test.each(['127.0.0.1', 'localhost', '127.0.0.53'])(
  'a forwarded port at %s is used as it is, and nothing is published',
  (host) => {
    expect(addressesOf({ host, port: 6379 }, { ...own, face: 'tandem' })).toEqual({
      gcs: `${host}:6379`,
      metrics: undefined,
      metricsHost: '127.0.0.1',
    });
  },
);

test('a machine without a network stays on loopback', () => {
  const addresses = addressesOf({ host: '127.0.0.1', port: 6379 }, { face: 'ray', ownIp: '127.0.0.1', metricsPort: 1 });
  expect(addresses).toEqual({ gcs: '127.0.0.1:6379', metrics: '127.0.0.1:1', metricsHost: '127.0.0.1' });
});

test('IPv6 addresses are written in brackets', () => {
  const addresses = addressesOf({ host: 'fd00::7', port: 6379 }, { face: 'ray', ownIp: 'fd00::7', metricsPort: 44217 });
  expect(addresses).toMatchObject({ gcs: '[fd00::7]:6379', metrics: '[fd00::7]:44217' });
});

test('this machine has an address', async () => {
  expect(isIP(await findOwnIp())).not.toBe(0);
});

/** What the stand-in kubelet owes a pod that runs for real, and the metrics server to the API. */

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Bed } from './bed.ts';
import { describeOnBed } from './harness.ts';
import { start } from './run.ts';

const FORWARD = fileURLToPath(new URL('./forward.sh', import.meta.url));
const CLONE = fileURLToPath(new URL('../../..', import.meta.url));

const LIMIT = { timeoutMs: 60_000 };

/** A pod that runs for real, of one container `main`. */
function realPod(name: string, container: object, spec: object = {}): string {
  const metadata = { name, labels: { app: name }, annotations: { 'bed.tandem/real': 'true' } };
  const containers = [{ name: 'main', image: 'any', ...container }];
  return JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers, ...spec } });
}

const shell = (script: string): object => ({ command: ['bash', '-c', script] });

async function running(bed: Bed, namespace: string, pod: string): Promise<void> {
  const ready = async (): Promise<boolean> =>
    (await bed.value(namespace, `pods/${pod}`, '.status.containerStatuses[0].ready')) === true;
  await bed.waitFor(`${pod} ready`, ready, LIMIT);
}

describeOnBed('containers of the bed', { sidecar: 'ray' }, (bed) => {
  test('a pod has an address of its own, and finds others by the name of their service', async () => {
    const namespace = await bed().namespace('net');
    await bed().apply(realPod('server', { command: ['python3', '-m', 'http.server', '8000'] }), namespace);
    await bed().apply(realPod('client', shell('sleep infinity')), namespace);
    await bed().kubectl(['expose', 'pod', 'server', '-n', namespace, '--port', '80', '--target-port', '8000']);
    await running(bed(), namespace, 'server');
    await running(bed(), namespace, 'client');
    const addresses = (await bed().pods(namespace, '')).map(({ status }) => status.podIP);
    expect(new Set(addresses).size).toBe(2);
    const ask = async (): Promise<string> =>
      await bed().enter({ pod: 'client', namespace }, [
        'curl',
        '-s',
        '-o',
        '/dev/null',
        '-w',
        '%{http_code}',
        'http://server',
      ]);
    await bed().waitFor('an answer by way of the service', async () => (await ask()) === '200', LIMIT);
  });

  test('a container acts as its service account: what a Role grants works, anything else is refused', async () => {
    const namespace = await bed().namespace('account');
    await bed().kubectl(['create', 'role', 'reader', '-n', namespace, '--verb=get,list', '--resource=pods']);
    await bed().kubectl([
      'create',
      'rolebinding',
      'reader',
      '-n',
      namespace,
      '--role=reader',
      `--serviceaccount=${namespace}:default`,
    ]);
    await bed().apply(realPod('caller', shell('sleep infinity')), namespace);
    await running(bed(), namespace, 'caller');
    const folder = '/var/run/secrets/kubernetes.io/serviceaccount';
    const code = async (resource: string): Promise<string> =>
      await bed().enter({ pod: 'caller', namespace }, [
        ...[
          'bash',
          '-c',
          `curl -s -o /dev/null -w '%{http_code}' --cacert ${folder}/ca.crt -H "Authorization: Bearer $(cat ${folder}/token)"` +
            ` https://$KUBERNETES_SERVICE_HOST/api/v1/namespaces/${namespace}/${resource}`,
        ],
      ]);
    await bed().waitFor('the role counts', async () => (await code('pods')) === '200', LIMIT);
    expect(await code('secrets')).toBe('403');
  });

  test('environment, files and init containers follow the spec', async () => {
    const namespace = await bed().namespace('spec');
    await bed().kubectl([
      'create',
      'configmap',
      'settings',
      '-n',
      namespace,
      '--from-literal=colour=red',
      '--from-literal=size=9',
    ]);
    await bed().kubectl(['create', 'secret', 'generic', 'key', '-n', namespace, '--from-literal=word=hidden']);
    const mounts = [
      { name: 'files', mountPath: '/etc/settings' },
      { name: 'shared', mountPath: '/shared' },
    ];
    const container = {
      command: [
        'bash',
        '-c',
        'echo $(NAME) $COLOUR $P_size $WORD $CPU $POD $(cat /etc/settings/size) $(cat /shared/init); sleep infinity',
      ],
      env: [
        { name: 'NAME', value: 'expanded' },
        { name: 'COLOUR', valueFrom: { configMapKeyRef: { name: 'settings', key: 'colour' } } },
        { name: 'WORD', valueFrom: { secretKeyRef: { name: 'key', key: 'word' } } },
        { name: 'ABSENT', valueFrom: { secretKeyRef: { name: 'none', key: 'word', optional: true } } },
        { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'requests.cpu', divisor: '1m' } } },
        { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      ],
      envFrom: [{ prefix: 'P_', configMapRef: { name: 'settings' } }],
      resources: { requests: { cpu: '250m' } },
      volumeMounts: mounts,
    };
    const spec = {
      initContainers: [{ name: 'init', image: 'any', ...shell('echo first > /shared/init'), volumeMounts: mounts }],
      volumes: [
        { name: 'files', configMap: { name: 'settings' } },
        { name: 'shared', emptyDir: {} },
      ],
    };
    await bed().apply(realPod('spec', container, spec), namespace);
    await running(bed(), namespace, 'spec');
    const printed = async (): Promise<string> => await bed().kubectl(['logs', 'spec', '-n', namespace, '-c', 'main']);
    await bed().waitFor('its output', async () => (await printed()) !== '', LIMIT);
    expect(await printed()).toBe('expanded red 9 hidden 250 spec 9 first\n');
  });

  test('a container killed with -9 starts again, with a root of its own as new and the pod’s volumes kept', async () => {
    const namespace = await bed().namespace('restart');
    const container = {
      // a clone below /tmp is shown in every container, so only our own file there counts
      ...shell('echo kept: $(ls /kept) tmp: $(ls /tmp | grep scratch); touch /tmp/scratch /kept/file; sleep infinity'),
      volumeMounts: [{ name: 'kept', mountPath: '/kept' }],
    };
    await bed().apply(realPod('again', container, { volumes: [{ name: 'kept', emptyDir: {} }] }), namespace);
    await running(bed(), namespace, 'again');
    const target = { pod: 'again', namespace, container: 'main' };
    await bed().waitFor('its first output', () => bed().logs(target) !== '', LIMIT);
    await bed().kill(target, 'KILL');
    const restarts = async (): Promise<boolean> =>
      (await bed().value(namespace, 'pods/again', '.status.containerStatuses[0].restartCount')) === 1;
    await bed().waitFor('one restart', restarts, LIMIT);
    const code = await bed().value(
      namespace,
      'pods/again',
      '.status.containerStatuses[0].lastState.terminated.exitCode',
    );
    expect(code).toBe(137);
    await bed().waitFor('its second output', () => bed().logs(target).split('tmp:').length === 3, LIMIT);
    expect(bed().logs(target)).toBe('kept: tmp:\nkept: file tmp:\n');
  });

  test('a failing liveness probe restarts a container, and preStop runs before SIGTERM', async () => {
    const namespace = await bed().namespace('probe');
    const script = `trap 'echo term; exit 0' TERM; echo begin; touch /tmp/well; while :; do sleep 0.1; done`;
    const container = {
      ...shell(script),
      livenessProbe: { exec: { command: ['test', '-e', '/tmp/well'] }, periodSeconds: 1, failureThreshold: 2 },
      lifecycle: { preStop: { exec: { command: ['bash', '-c', 'echo before > /proc/1/fd/1'] } } },
    };
    await bed().apply(realPod('probed', container), namespace);
    await running(bed(), namespace, 'probed');
    const target = { pod: 'probed', namespace, container: 'main' };
    await bed().waitFor('the probe has something to find', () => bed().logs(target) === 'begin\n', LIMIT);
    await bed().enter(target, ['bash', '-c', 'until [ -e /tmp/well ]; do sleep 0.1; done; rm /tmp/well']);
    await bed().waitFor('restart', () => bed().logs(target) === 'begin\nterm\nbegin\n', LIMIT);
    await bed().kubectl(['delete', 'pod', 'probed', '-n', namespace, '--wait']);
    expect(bed().logs(target)).toBe('begin\nterm\nbegin\nbefore\nterm\n');
  });

  test('an image named tandem runs the program of this clone, and a started command ends with SIGTERM', async () => {
    const namespace = await bed().namespace('image');
    const container = { name: 'main', image: 'registry.example/tandem:1', args: ['--version'] };
    const spec = { restartPolicy: 'Never', containers: [container] };
    await bed().apply(JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'ours' }, spec }), namespace);
    const phase = async (): Promise<boolean> =>
      /^(Succeeded|Failed)$/.test(String(await bed().value(namespace, 'pods/ours', '.status.phase')));
    await bed().waitFor('its end', phase, LIMIT);
    expect(bed().logs({ pod: 'ours', namespace, container: 'main' })).toMatch(/^\d+\.\d+\.\d+\n$/);

    await bed().apply(realPod('host', shell('sleep infinity')), namespace);
    await running(bed(), namespace, 'host');
    const words = ['bash', '-c', `trap 'echo term; exit 7' TERM; echo up; while :; do sleep 0.1; done`];
    const command = bed().start({ pod: 'host', namespace }, words);
    await bed().waitFor('the command runs', () => command.output() === 'up\n', LIMIT);
    await command.stop();
    expect(command.output()).toBe('up\nterm\n');
  });

  test('an autoscaler of the image tandem is ours, any other is the one that the bed was started with', async () => {
    const namespace = await bed().namespace('sidecar');
    const container = { name: 'autoscaler', ...shell('command -v ray; command -v node; sleep infinity') };
    for (const image of ['tandem:0.1.0', 'rayproject/ray:2.60.0']) {
      const pod = image.startsWith('tandem') ? 'switched' : 'original';
      await bed().apply(realPod(pod, { ...container, image }), namespace);
      await bed().waitFor(`output of ${pod}`, () => programs(pod).length === 3, LIMIT);
    }
    const node = expect.stringMatching(/\/node$/);
    expect(programs('switched')).toEqual([join(CLONE, 'bin/ray'), node, '']);
    expect(programs('original')).toEqual([join(bed().facts.venv, 'bin/ray'), node, '']);

    function programs(pod: string): readonly string[] {
      return bed().logs({ pod, namespace, container: 'autoscaler' }).split('\n');
    }
  });

  test('a port of this machine leads to a service, also to its next pod, until the command ends', async () => {
    const namespace = await bed().namespace('forward');
    const serve = shell('echo $HOSTNAME > name; exec python3 -m http.server 8000');
    const service = { selector: { app: 'server' }, clusterIP: 'None', ports: [{ port: 8000 }] };
    const head = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' } };
    await bed().apply(JSON.stringify({ ...head, spec: service }), namespace);
    const forward = start([FORWARD, '-n', namespace, 'service/web', '0:8000'], { env: bed().env });
    const port = async (): Promise<string | undefined> => / 127\.0\.0\.1:(\d+) /.exec(forward.output())?.[1];
    const url = `http://127.0.0.1:${(await bed().waitFor('the port', port, LIMIT)).value}/name`;
    for (const pod of ['first', 'second']) {
      await bed().apply(realPod(pod, serve, {}).replace(`{"app":"${pod}"}`, '{"app":"server"}'), namespace);
      const answer = async (): Promise<boolean> => (await (await fetch(url)).text()) === `${pod}\n`;
      await bed().waitFor(`an answer of ${pod}`, answer, LIMIT);
      await bed().kubectl(['delete', 'pod', pod, '-n', namespace, '--grace-period=1']);
    }
    await forward.stop();
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });

  test('writes are on record with who made them', async () => {
    const namespace = await bed().namespace('audit');
    await bed().kubectl(['create', 'deployment', 'web', '-n', namespace, '--image=any']);
    await bed().kubectl(['scale', 'deployment', 'web', '-n', namespace, '--replicas=3']);
    const mine = bed()
      .writes()
      .filter((write) => write.namespace === namespace && write.user === 'admin');
    expect(mine.map(({ verb, resource }) => `${verb} ${resource}`)).toEqual([
      'create deployments',
      'patch deployments/scale',
    ]);
    expect(mine[1]).toMatchObject({ name: 'web', code: 200, body: { spec: { replicas: 3 } } });
    expect(Math.abs((mine[1]?.at ?? 0) - Date.now())).toBeLessThan(30_000);
  });
});

type PodMetrics = {
  readonly metadata: { readonly name: string };
  readonly window: string;
  readonly containers: readonly { readonly usage: { readonly cpu: string; readonly memory: string } }[];
};

describeOnBed('metrics of the bed', { sidecar: 'ray', metricsEverySeconds: 1 }, (bed) => {
  const path = (namespace: string, rest: string): string =>
    `/apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods${rest}`;

  async function list(namespace: string, selector: string): Promise<readonly PodMetrics[]> {
    const text = await bed().kubectl([
      'get',
      '--raw',
      path(namespace, `?labelSelector=${encodeURIComponent(selector)}`),
    ]);
    return (JSON.parse(text) as { readonly items: readonly PodMetrics[] }).items; // the API's own form
  }

  test('scripted usage comes back through the API server, shared by the ready pods, until the script changes', async () => {
    const namespace = await bed().namespace('usage');
    await bed().kubectl(['create', 'deployment', 'web', '-n', namespace, '--image=any', '--replicas=2']);
    await bed().kubectl(['create', 'deployment', 'idle', '-n', namespace, '--image=any']);
    await bed().setUsage(namespace, [{ selector: { app: 'web' }, cpuTotal: '1500m', memory: '64Mi' }]);
    const usage = async (selector: string): Promise<string> =>
      (await list(namespace, selector))
        .map(({ containers }) => `${containers[0]?.usage.cpu} ${containers[0]?.usage.memory}`)
        .join();
    const both = '750000000n 65536Ki,750000000n 65536Ki';
    await bed().waitFor('two samples', async () => (await usage('app=web')) === both, LIMIT);
    expect((await list(namespace, 'app in (web)'))[0]?.window).toMatch(/^1\.\d{3}s$/);
    expect(await usage('app!=web')).toBe('');
    await bed().kubectl(['scale', 'deployment', 'web', '-n', namespace, '--replicas=3']);
    await bed().waitFor('three samples', async () => (await usage('app=web')).startsWith('500000000n'), LIMIT);
    await bed().setUsage(namespace, [{ selector: { app: 'web' }, cpu: '1' }]);
    await bed().waitFor('the new script', async () => (await usage('app=web')).startsWith('1000000000n 0Ki'), LIMIT);
    const pod = (await bed().pods(namespace, 'app=web'))[0]?.metadata.name ?? '';
    expect(await bed().kubectl(['get', '--raw', path(namespace, `/${pod}`)])).toContain(`"name": "${pod}"`);
  });

  test('a pod without metrics is not found, and who has no right to metrics is refused', async () => {
    const namespace = await bed().namespace('refused');
    const absent = await bed().tryKubectl(['get', '--raw', path(namespace, '/none')]);
    expect(absent.exitCode).toBe(1);
    expect(absent.stderr).toContain(`podmetrics.metrics.k8s.io "${namespace}/none" not found`);
    const account = `--as=system:serviceaccount:${namespace}:default`;
    const refused = await bed().tryKubectl(['get', '--raw', path(namespace, ''), account]);
    expect(refused.stderr).toContain('Forbidden');
  });
});

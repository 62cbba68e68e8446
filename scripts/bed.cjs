'use strict';

// `npm run bed`: a real KubeRay cluster on this machine for a person, without a container engine (test/conformance/bed).
// Exit code 2: this machine cannot have one, or the command is wrong; the sentence says which.

require('./check-node.cjs').checkNode();
const childProcess = require('child_process');
const fs = require('fs');
const path = require('path');
const prepare = require('./prepare.cjs');

const BED = path.join(prepare.ROOT, 'test', 'conformance', 'bed');
const USAGE = [
  'usage: npm run bed                               starts a bed with Tandem as the autoscaler; it stays until `down`',
  '       npm run bed -- up --sidecar ray --metrics 15',
  '                                                 with Ray’s own autoscaler, and metrics for HPAs: for a dry run beside both originals',
  '                                                 (more options: the head of test/conformance/bed/up.sh)',
  '       npm run bed -- enter [-n NAMESPACE] [-c CONTAINER] POD [COMMAND...]',
  '       npm run bed -- enter [-n NAMESPACE] [-c CONTAINER] -k KILL POD      ends the container with that signal',
  '       npm run bed -- forward [-n NAMESPACE] SERVICE [LOCAL:]PORT          in place of kubectl port-forward',
  '       npm run bed -- down                       ends it and everything in it',
  '       npm run bed -- build                      only fills the cache that a bed needs',
].join('\n');

const lost = ['sidecar', 'metrics', 'controllers', 'node', 'hold'].find(function (flag) {
  return process.env['npm_config_' + flag] !== undefined && process.env.npm_lifecycle_event === 'bed';
});
const args = process.argv.slice(2);
const command = args.length === 0 || args[0].charAt(0) === '-' ? 'up' : args.shift();

if (lost !== undefined)
  refuse('npm kept --' + lost + ' for itself: put -- before the flags, as in `npm run bed -- up --' + lost + ' ...`');
else if (args.indexOf('--help') !== -1 || command === 'help') process.stdout.write(USAGE + '\n');
else if (command === 'up') up();
else if (command === 'build') build();
else if (command === 'down') process.exitCode = inTerminal('down.sh', args);
else if (command === 'enter') process.exitCode = inTerminal('enter.sh', args);
else if (command === 'forward') process.exitCode = inTerminal('forward.sh', args);
else refuse('there is no `' + command + '`\n' + USAGE);

function up() {
  const sidecar = args.indexOf('--sidecar');
  const ours = sidecar === -1 || args[sidecar + 1] === 'tandem';
  prepare.main({ build: ours }, function () {
    return prepare.run(path.join(BED, 'up.sh'), args, { stdio: ['ignore', 2, 2] }).then(function (code) {
      if (code === 0) process.stdout.write(told());
      return code;
    });
  });
}

/** Fills the cache; the script ends when its descriptor 3 closes, so that no compiler outlives this process. */
function build() {
  process.exitCode = inTerminal('up.sh', ['--check']);
  if (process.exitCode !== 0) return;
  const options = { stdio: ['ignore', 2, 2, 'pipe'], env: Object.assign({}, process.env, { LIFELINE: '3' }) };
  prepare.run(path.join(BED, 'build.sh'), args, options).then(
    function (code) {
      process.exitCode = code;
    },
    function (error) {
      prepare.say('cannot go on: ' + error.message);
      process.exitCode = 1;
    },
  );
}

/** What a person does next. */
function told() {
  const facts = childProcess.execFileSync('bash', [
    '-c',
    '. "$1"/common.sh; printf "%s\\n%s\\n%s\\n%s\\n" "$RUN" "$BIN" "$MANIFESTS" "$RAY_VERSION"',
    'bash',
    BED,
  ]);
  const lines = String(facts).split('\n');
  // a bed elsewhere is found by this variable only
  const where = process.env.TANDEM_BED_RUN === undefined ? '' : 'TANDEM_BED_RUN=' + lines[0] + ' ';
  const sidecar = JSON.parse(fs.readFileSync(path.join(lines[0], 'bed.json'), 'utf8')).sidecar;
  return [
    'The cluster is up. Use it:   export ' +
      where +
      'KUBECONFIG=' +
      lines[0] +
      '/kubeconfig PATH=' +
      lines[1] +
      ':$PATH',
    'Beside each Ray head runs:   ' +
      (sidecar === 'ray'
        ? 'Ray’s own autoscaler, which a dry run can be compared with'
        : 'Tandem, from this clone; to compare a dry run with Ray’s own, `up --sidecar ray` instead'),
    'A sample cluster:            sed "s/rayVersion:.*/rayVersion: ' +
      lines[3] +
      '/" ' +
      lines[2] +
      '/samples/ray-cluster.autoscaler.yaml | kubectl apply -f -',
    'Inside a pod:                npm run bed -- enter POD ray status        (-c autoscaler: the autoscaler’s container)',
    'Logs:                        ' + lines[0] + '/logs, of containers in pods/',
    'End it:                      ' +
      where +
      'npm run bed -- down' +
      (where === '' ? '' : '   (in a shell without the line above, too)'),
    '',
  ].join('\n');
}

/** Runs a script of the bed with this terminal; its exit code. */
function inTerminal(script, words) {
  const ran = childProcess.spawnSync(path.join(BED, script), words, { stdio: 'inherit' });
  return ran.status === null ? 1 : ran.status;
}

function refuse(text) {
  prepare.say(text);
  process.exitCode = 2;
}

'use strict';

// `npm run conformance`: what takes longer than `npm test` may, or needs more than Node. `-- --all` runs the long versions too, `-- NAME...`
// only some parts, `-- --list` shows them. Each part has minutes to spend. Ends with one line `N passed, N failed`.

require('./check-node.cjs').checkNode();
const fs = require('fs');
const os = require('os');
const path = require('path');
const prepare = require('./prepare.cjs');

/**
 * `minutes` is what a part may take, about twice what it takes on two cores with warm caches; `all` is the same with --all. Parts run one
 * after the other. Real programs on a busy machine miss a time limit now and then: such a part gets a second try, and says so.
 */
const PARTS = [
  {
    name: 'faults',
    minutes: 15,
    all: 40,
    files: ['every-request'],
    about: 'a fault at every request of both loops',
    simulated: true,
  },
  {
    name: 'gcs',
    minutes: 10,
    all: 10,
    files: ['gcs-'],
    about: 'the GCS client against a real Ray and its descriptors',
  },
  {
    name: 'decide',
    minutes: 12,
    all: 150,
    files: ['decide-'],
    about: 'cases at random through our schedulers and controllers and the real ones',
  },
  { name: 'api', minutes: 4, all: 4, files: ['kube-api.real'], about: 'the KubeApi contract on a real API server' },
  {
    name: 'hpa',
    minutes: 15,
    all: 24,
    files: ['hpa-'],
    about: "the guide's HPA and the themes of upstream's tests on a real control plane; a leader that changes",
  },
  { name: 'ray', minutes: 12, all: 40, files: ['first-contact'], about: 'a real RayCluster, a real operator' },
  {
    name: 'deploy',
    minutes: 6,
    all: 6,
    files: ['deploy', 'image'],
    about: 'manifests, rights and the steps of the image',
  },
  { name: 'bed', minutes: 6, all: 10, files: ['bed/'], about: 'the bed keeps its promises' },
];

/** No second try begins later than this after the start. */
const LAST_RETRY_MINUTES = 55;

const CONFIG = 'test/conformance/vitest.config.ts';
const args = process.argv.slice(2);
const all = args.indexOf('--all') !== -1;
const names = args.filter(function (arg) {
  return arg !== '--all' && arg !== '--list';
});
const unknown = names.filter(function (name) {
  return !PARTS.some(function (part) {
    return part.name === name;
  });
});

if (args.indexOf('--list') !== -1) {
  PARTS.forEach(function (part) {
    process.stdout.write(part.name.padEnd(8) + part.about + '\n');
  });
} else if (unknown.length > 0) {
  prepare.say('there is no part `' + unknown[0] + '`: `npm run conformance -- --list` shows them');
  process.exitCode = 2;
} else prepare.main({ build: true }, conformance);

function conformance() {
  const parts = PARTS.filter(function (part) {
    return names.length === 0 || names.indexOf(part.name) !== -1;
  });
  const total = { passed: 0, failed: 0, skipped: 0, interrupted: false };
  const started = Date.now();
  return fillCache()
    .then(function (broken) {
      if (broken) total.failed++;
      return parts.reduce(function (before, part) {
        return before.then(function () {
          if (total.interrupted) return undefined;
          return withSecondTry(part, total, started);
        });
      }, Promise.resolve());
    })
    .then(function () {
      if (total.skipped > 0) prepare.say(total.skipped + ' tests were skipped, each with its reason above');
      process.stdout.write(total.passed + ' passed, ' + total.failed + ' failed\n');
      return total.failed === 0 ? 0 : 1;
    });
}

const PROGRAMS = [
  { build: 'bed/build.sh', of: 'the bed' },
  { build: 'hpa-oracle/build.sh', of: 'the HPA oracle' },
];

/** Real programs are built before the clock of any part runs. A machine that cannot have one skips what needs it, and says why. */
function fillCache() {
  return PROGRAMS.reduce(function (before, program) {
    return before.then(function (broken) {
      const build = path.join(prepare.ROOT, 'test', 'conformance', program.build);
      return prepare.run(build, [], { stdio: ['ignore', 2, 2] }).then(function (code) {
        if (code === 2) prepare.say(program.of + ' cannot be had here (the reason is above): what needs it is skipped');
        else if (code !== 0) prepare.say(program.of + ' could not be built (see above): what needs it will fail');
        return broken || (code !== 0 && code !== 2);
      });
    });
  }, Promise.resolve(false));
}

function withSecondTry(part, total, started) {
  return runPart(part).then(function (first) {
    const late = Date.now() - started > LAST_RETRY_MINUTES * 60000;
    if (first.failed === 0 || part.simulated || late || first.interrupted) return add(total, first);
    prepare.say(part.name + ': ' + first.failed + ' failed, for the reasons above; this is the second and last try');
    return runPart(part).then(function (second) {
      add(total, second);
    });
  });
}

function add(total, count) {
  total.interrupted = total.interrupted || count.interrupted;
  total.passed += count.passed;
  total.failed += count.failed;
  total.skipped += count.skipped;
}

function runPart(part) {
  const minutes = all ? part.all : part.minutes;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tandem-conformance-'));
  const report = path.join(folder, 'report.json');
  const vitest = path.join(prepare.ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  const files = part.files.map(function (file) {
    return 'test/conformance/' + file;
  });
  const flags = ['run', '--config', CONFIG, '--reporter=verbose', '--reporter=json', '--outputFile.json=' + report];
  const alone = part.simulated ? [] : ['--no-file-parallelism'];
  const started = Date.now();
  prepare.say(part.name + ': ' + part.about + ' (at most ' + minutes + ' minutes)');
  return prepare
    .run(process.execPath, [vitest].concat(flags, alone, files), {
      stdio: ['ignore', 1, 2],
      env: Object.assign({}, process.env, all ? { TANDEM_CONFORMANCE: 'all' } : {}),
      limitMs: minutes * 60000,
    })
    .then(function (code) {
      const count = counted(report);
      fs.rmSync(folder, { recursive: true, force: true });
      const failed = count.failed === 0 && code !== 0 ? 1 : count.failed;
      if (code === 124) prepare.say(part.name + ': ended, it took longer than ' + minutes + ' minutes');
      const took = ((Date.now() - started) / 60000).toFixed(1);
      prepare.say(part.name + ': ' + count.passed + ' passed, ' + failed + ' failed, ' + took + ' minutes');
      return { passed: count.passed, failed: failed, skipped: count.skipped, interrupted: code > 128 };
    });
}

/** What the report counts; a run that wrote none has failed. */
function counted(report) {
  if (!fs.existsSync(report)) return { passed: 0, failed: 1, skipped: 0 };
  const tests = JSON.parse(fs.readFileSync(report, 'utf8'));
  return { passed: tests.numPassedTests, failed: tests.numFailedTests, skipped: tests.numPendingTests };
}

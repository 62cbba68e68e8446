'use strict';

// `npm run conformance`: what takes longer than `npm test` may, or needs more than Node. Ends with one line `N passed, N failed`.

require('./check-node.cjs').checkNode();
const fs = require('fs');
const os = require('os');
const path = require('path');
const prepare = require('./prepare.cjs');

prepare.main({ build: false }, function () {
  const vitest = path.join(prepare.ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tandem-conformance-'));
  const report = path.join(folder, 'report.json');
  const args = ['run', '--config', 'test/conformance/vitest.config.ts', '--reporter=verbose', '--reporter=json'];
  prepare.say('one run of the scenario for each fault at each request: about 20 minutes on two cores');
  return prepare
    .run(process.execPath, [vitest].concat(args, '--outputFile.json=' + report), { stdio: ['ignore', 1, 2] })
    .then(function (code) {
      const count = counted(report);
      fs.rmSync(folder, { recursive: true, force: true });
      const failed = count.failed === 0 && code !== 0 ? 1 : count.failed;
      process.stdout.write(count.passed + ' passed, ' + failed + ' failed\n');
      return failed === 0 ? code : 1;
    });
});

/** What the report counts; a run that wrote none has failed. */
function counted(report) {
  if (!fs.existsSync(report)) return { passed: 0, failed: 1 };
  const tests = JSON.parse(fs.readFileSync(report, 'utf8'));
  return { passed: tests.numPassedTests, failed: tests.numFailedTests };
}

'use strict';

// `npm run conformance`: what takes longer than `npm test` may, or needs more than Node. Ends with one line `N passed, N failed`.

require('./check-node.cjs').checkNode();
const fs = require('fs');
const path = require('path');
const prepare = require('./prepare.cjs');

const CONFIG = 'test/conformance/vitest.config.ts';

prepare.main({ build: false }, function () {
  if (!fs.existsSync(path.join(prepare.ROOT, CONFIG))) {
    process.stdout.write('nothing is in the conformance run yet\n0 passed, 0 failed\n');
    return 0;
  }
  const vitest = path.join(prepare.ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  return prepare.run(process.execPath, [vitest, 'run', '--config', CONFIG], { stdio: ['ignore', 1, 2] });
});

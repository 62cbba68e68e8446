'use strict';

// `npm test`: installs what is missing, then runs every gate and every test (check.mjs).

require('./check-node.cjs').checkNode();
const prepare = require('./prepare.cjs');

prepare.main({ build: false }, function () {
  return prepare.run(process.execPath, ['scripts/check.mjs'], { stdio: ['ignore', 1, 2] });
});

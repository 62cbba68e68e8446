'use strict';

// `npm run bench [-- name ...]`: installs and builds, then runs bench/*.bench.mjs, all or those named, in the order of names.
// Figures go to stdout.

require('./check-node.cjs').checkNode();
const fs = require('fs');
const path = require('path');
const prepare = require('./prepare.cjs');

prepare.main({ build: true }, function () {
  const names = benches();
  if (names.length === 0) prepare.say('there is no bench/*.bench.mjs to run');
  return names.reduce(
    function (before, name) {
      return before.then(function (code) {
        return code !== 0 ? code : prepare.run(process.execPath, ['bench/' + name], { stdio: ['ignore', 1, 2] });
      });
    },
    Promise.resolve(names.length === 0 ? 1 : 0),
  );
});

function benches() {
  const wanted = process.argv.slice(2);
  const folder = path.join(prepare.ROOT, 'bench');
  const names = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
  return names
    .filter(function (name) {
      return /\.bench\.mjs$/.test(name) && (wanted.length === 0 || wanted.includes(name.replace('.bench.mjs', '')));
    })
    .sort();
}

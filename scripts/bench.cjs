'use strict';

// `npm run bench [-- name ...] [what a bench is given]`: installs and builds, then runs bench/*.bench.mjs, all or those named, in the order
// of names; the first argument that names none, and what follows it, goes to each of them. Figures go to stdout.

require('./check-node.cjs').checkNode();
const fs = require('fs');
const path = require('path');
const prepare = require('./prepare.cjs');

const args = process.argv.slice(2);
const there = benches();
const firstGiven = args.findIndex(function (arg) {
  return there.indexOf(arg) === -1;
});
const named = firstGiven === -1 ? args : args.slice(0, firstGiven);
const given = args.slice(named.length);

if (named.length === 0 && given.length > 0 && given[0][0] !== '-') {
  prepare.say('there is no bench `' + given[0] + '`: there are ' + there.join(', '));
  process.exitCode = 2;
} else prepare.main({ build: true }, bench);

function bench() {
  return there
    .filter(function (name) {
      return named.length === 0 || named.indexOf(name) !== -1;
    })
    .reduce(function (before, name) {
      return before.then(function (code) {
        const script = 'bench/' + name + '.bench.mjs';
        return code !== 0 ? code : prepare.run(process.execPath, [script].concat(given), { stdio: ['ignore', 1, 2] });
      });
    }, Promise.resolve(0));
}

/** The names of all there are, in order. */
function benches() {
  return fs
    .readdirSync(path.join(prepare.ROOT, 'bench'))
    .filter(function (name) {
      return /\.bench\.mjs$/.test(name);
    })
    .map(function (name) {
      return name.replace('.bench.mjs', '');
    })
    .sort();
}

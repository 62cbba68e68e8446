'use strict';

// `npm start`: checks Node, installs and builds what is missing, then plays `tandem demo` in this process: one process to end.

require('./check-node.cjs').checkNode();
const prepare = require('./prepare.cjs');

const args = process.argv.slice(2);
const lost = swallowedFlag();
if (lost !== undefined) {
  prepare.say('npm kept --' + lost + ' for itself: put -- before the flags, as in `npm start -- --' + lost + '`');
  process.exit(2);
}
if (process.env.npm_lifecycle_event === 'start' && process.env.npm_config_force === 'true' && args.length > 0) {
  prepare.say('npm kept -f for itself: put -- before the flags, as in `npm start -- -f ' + args.join(' ') + '`');
  process.exit(2);
}
if (process.env.npm_lifecycle_event === 'start' && process.env.npm_config_loglevel === 'verbose') {
  prepare.say('npm took --verbose for itself: `npm start -- --verbose` is the one that shows every decision');
}
prepare.main({ build: true }, function () {
  return require('./launch.cjs').launch(['demo'].concat(args));
});

/** Without `--` npm takes flags as its own settings and hands them over as environment variables. */
function swallowedFlag() {
  if (process.env.npm_lifecycle_event !== 'start') return undefined;
  return ['once', 'speed', 'seed', 'output', 'filename', 'trace', 'ray-load'].find(function (flag) {
    return process.env['npm_config_' + flag.replace('-', '_')] !== undefined;
  });
}

'use strict';

// What every `npm` command needs before it can start: packages and, for the program itself, a build. Does nothing when both are
// up to date. Writes to stderr only, because stdout belongs to the command. Old syntax: see check-node.cjs.

const childProcess = require('child_process');
const fs = require('fs');
const path = require('path');

const ROOT = path.join(__dirname, '..');
const STAMP = 'dist/.built';
const PROGRESS_AFTER_MS = 2000;
const PROGRESS_EVERY_MS = 10000;
const KILL_AFTER_MS = 5000;

/**
 * Installs and builds what is missing or out of date.
 * @param {{ build: boolean }} what
 * @returns {Promise<number>} 0, or the exit code to end with; what went wrong has been said by then
 */
function prepare(what) {
  return Promise.resolve(installNeeded() ? install() : 0).then(function (code) {
    if (code !== 0 || !what.build || !buildNeeded()) return code;
    return build();
  });
}

/** npm writes its own copy of the lock file last, so an install that broke off counts as none. */
function installNeeded() {
  const installed = modified('node_modules/.package-lock.json');
  return installed === undefined || installed < modified('package-lock.json');
}

function install() {
  say('installing packages (only when they are missing or out of date) ...');
  const args = ['ci', '--include=dev', '--loglevel=warn'];
  const npm = process.env.npm_execpath;
  // under npm its own script is named, which needs no shell on any system
  const own = npm !== undefined && /npm-cli\.c?js$/.test(npm);
  const command = own ? process.execPath : 'npm';
  const started = Date.now();
  const options = { shell: !own && process.platform === 'win32', stdio: ['ignore', 2, 2] };
  return withProgress('still installing', run(command, own ? [npm].concat(args) : args, options)).then(function (code) {
    if (code === 0) say('installed in ' + seconds(started) + ' s');
    else if (code < 128) {
      say(
        'npm ci failed (exit code ' +
          code +
          ', its errors are above): fix that, or check the network, and run the same command again',
      );
    }
    return code;
  });
}

/** The stamp carries the moment its build began: what changed during the build is built again. */
function buildNeeded() {
  const built = modified(STAMP);
  if (built === undefined) return true;
  const inputs = ['src', 'tsconfig.base.json', 'tsconfig.build.json', 'package-lock.json'];
  return inputs.some(function (input) {
    return newest(path.join(ROOT, input)) > built;
  });
}

function build() {
  const stamp = path.join(ROOT, STAMP);
  if (fs.existsSync(stamp)) fs.unlinkSync(stamp);
  const started = new Date();
  const tsc = path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const running = run(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { stdio: ['ignore', 2, 2] });
  return withProgress('building', running).then(function (code) {
    if (code === 0) {
      fs.writeFileSync(stamp, '');
      fs.utimesSync(stamp, started, started);
    } else if (code < 128)
      say('the build failed (its errors are above): repair the sources, or go back to a released version');
    return code;
  });
}

/**
 * Runs a command in a process group of its own and passes signals on to all of it, so that nothing it started outlives this process.
 * @param {object} options those of `spawn`, and `limitMs`: after this long the command is ended, and the code is 124
 * @returns {Promise<number>} its exit code, 128 + number for a signal
 */
function run(command, args, options) {
  const grouped = process.platform !== 'win32';
  const limitMs = options.limitMs;
  const child = childProcess.spawn(command, args, Object.assign({ cwd: ROOT, detached: grouped }, options));
  const kill = function (signal) {
    try {
      if (grouped && child.pid !== undefined) process.kill(-child.pid, signal);
      else child.kill(signal);
    } catch (error) {
      if (error.code !== 'ESRCH') throw error; // it has ended by itself
    }
  };
  let asked = 0;
  const pass = function (signal) {
    asked = asked || 128 + (signal === 'SIGINT' ? 2 : signal === 'SIGHUP' ? 1 : 15);
    kill(signal);
    setTimeout(kill, KILL_AFTER_MS, 'SIGKILL').unref();
  };
  const limit = setTimeout(
    function () {
      asked = asked || 124;
      kill('SIGTERM');
      setTimeout(kill, KILL_AFTER_MS, 'SIGKILL').unref();
    },
    limitMs === undefined ? 0x7fffffff : limitMs,
  );
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  signals.forEach(function (signal) {
    process.on(signal, pass);
  });
  return new Promise(function (resolve) {
    const done = function (code) {
      clearTimeout(limit);
      signals.forEach(function (signal) {
        process.removeListener(signal, pass);
      });
      if (asked !== 0) kill('SIGKILL'); // what the group's leader left behind
      resolve(asked !== 0 ? asked : code);
    };
    child.on('error', function (error) {
      say('cannot run ' + command + ': ' + error.message);
      done(1);
    });
    child.on('exit', function (code, signal) {
      done(code === null ? 128 + (signal === 'SIGINT' ? 2 : signal === 'SIGKILL' ? 9 : 15) : code);
    });
  });
}

/**
 * Ends this process when npm is gone. npm passes signals only to the shell it started, which need not pass them on, and passes none when
 * it is killed itself.
 */
function endWithNpm() {
  if (process.env.npm_lifecycle_event === undefined || process.platform === 'win32') return;
  const shell = process.ppid;
  const npm = parentOf(shell);
  setInterval(function () {
    if (process.ppid !== shell || parentOf(shell) !== npm) process.kill(process.pid, 'SIGTERM');
  }, 500).unref();
}

/** The parent of another process, as far as the system tells. */
function parentOf(pid) {
  try {
    const stat = fs.readFileSync('/proc/' + pid + '/stat', 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch (error) {
    // it has ended, there is no /proc, or (0, always the same) it may not be read
    return error.code === 'ENOENT' || error.code === 'ESRCH' ? undefined : 0;
  }
}

/**
 * Runs a script that npm starts: prepares, then does what only a prepared checkout can, and ends with the exit code that gives.
 * @param {{ build: boolean }} what
 * @param {() => number | Promise<number>} then
 */
function main(what, then) {
  endWithNpm();
  prepare(what)
    .then(function (code) {
      return code !== 0 ? code : then();
    })
    .then(
      function (code) {
        if (code !== 0) process.exitCode = code;
      },
      function (error) {
        say('cannot go on: ' + (error.stack || error));
        process.exitCode = 1;
      },
    );
}

function withProgress(what, promise) {
  const started = Date.now();
  const tell = function () {
    say(what + ', ' + seconds(started) + ' s');
    timer = setTimeout(tell, PROGRESS_EVERY_MS);
  };
  let timer = setTimeout(tell, PROGRESS_AFTER_MS);
  const stop = function (value) {
    clearTimeout(timer);
    return value;
  };
  return promise.then(stop);
}

/** Milliseconds of the last change, undefined when the file is not there. */
function modified(file) {
  try {
    return fs.statSync(path.join(ROOT, file)).mtime.getTime();
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  }
}

/** The last change of a file, or of anything below a folder, tests left out; folders count, so that a removed file is seen. */
function newest(file) {
  const stat = fs.statSync(file);
  if (!stat.isDirectory()) return /\.test\.ts$/.test(file) ? 0 : stat.mtime.getTime();
  return fs.readdirSync(file).reduce(function (latest, name) {
    return Math.max(latest, newest(path.join(file, name)));
  }, stat.mtime.getTime());
}

function seconds(started) {
  return ((Date.now() - started) / 1000).toFixed(1);
}

function say(text) {
  process.stderr.write('tandem: ' + text + '\n');
}

module.exports = { main: main, run: run, say: say, ROOT: ROOT };

'use strict';

// Refuses a Node that is too old, before anything newer is read. Old syntax on purpose, here, in prepare.cjs and in the scripts that
// npm runs: a Node of 2017 must get as far as the sentence below.

const OLDEST = [20, 19];

/** The sentence for a Node that cannot run this, undefined for one that can. `version` is `process.versions.node`. */
function nodeProblem(version) {
  const parts = String(version).split('.').map(Number);
  if (parts[0] > OLDEST[0] || (parts[0] === OLDEST[0] && parts[1] >= OLDEST[1])) return undefined;
  return (
    'tandem: this is Node ' +
    version +
    ', and Node ' +
    OLDEST.join('.') +
    ' or newer is needed: install a current one from https://nodejs.org, then run the same command again (TANDEM_NODE_VERSION).'
  );
}

/** Ends the process with exit code 2 when Node is too old. */
function checkNode() {
  const problem = nodeProblem(process.versions.node);
  if (problem === undefined) return;
  process.stderr.write(problem + '\n');
  process.exit(2);
}

module.exports = { checkNode: checkNode, nodeProblem: nodeProblem };

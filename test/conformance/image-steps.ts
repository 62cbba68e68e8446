/**
 * The steps of deploy/Dockerfile as one shell script, for a machine without a container engine: every stage is an overlay over the
 * machine's own root, RUN is a chroot into it. Then what the image promises is tried: another user, a root that nobody can write.
 * All of it happens in a mount and process namespace of its own, so nothing stays behind.
 *
 * What this cannot show: that the base images hold what the program needs, and that an engine reads the file as it is read here.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stages, type Stage } from '../support/dockerfile.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** One command in the finished image. */
export type Trial = { readonly name: string; readonly user: number; readonly command: readonly string[] };

export type Outcome = { readonly code: number; readonly output: string };

/** Why the steps cannot be tried on this machine; undefined when they can. */
export function whyNot(): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux: the steps run in namespaces';
  if (process.getuid?.() !== 0) return 'needs root: the steps run in a chroot';
  const { status } = spawnSync('unshare', ['--mount', '--pid', '--fork', 'true']);
  return status === 0 ? undefined : 'namespaces are not permitted here';
}

/** Builds the image's root and runs the trials in it, one after the other. Throws with the log when a step fails. */
export function tryImage(trials: readonly Trial[]): ReadonlyMap<string, Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-image-'));
  try {
    for (const name of ['context', 'results', 'roots']) mkdirSync(join(folder, name));
    fillContext(join(folder, 'context'));
    writeFileSync(join(folder, 'steps.sh'), script(trials));
    const namespaces = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child'];
    const { status, stdout, stderr } = spawnSync('unshare', [...namespaces, '/bin/bash', 'steps.sh'], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    if (status !== 0) throw new Error(`a step failed with ${status}:\n${stdout.slice(-4000)}\n${stderr.slice(-4000)}`);
    return outcomes(join(folder, 'results'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The files that .dockerignore lets in: what is copied, without tests. `test/dockerfile.test.ts` holds the two together. */
function fillContext(context: string): void {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: ROOT });
  const files = listed.toString().split('\0');
  const wanted = files.filter((path) => path !== '' && !path.endsWith('.test.ts') && !path.startsWith('test/'));
  const archive = execFileSync('tar', ['-cf', '-', '--null', '-T', '-', '--ignore-failed-read'], {
    cwd: ROOT,
    input: wanted.join('\0'),
    maxBuffer: 1 << 28,
  });
  execFileSync('tar', ['-xf', '-', '-C', context], { input: archive });
}

function outcomes(folder: string): ReadonlyMap<string, Outcome> {
  const names = readdirSync(folder).filter((name) => !name.endsWith('.code'));
  return new Map(
    names.map((name) => [
      name,
      {
        code: Number(readFileSync(join(folder, `${name}.code`), 'utf8')),
        output: readFileSync(join(folder, name), 'utf8'),
      },
    ]),
  );
}

function script(trials: readonly Trial[]): string {
  const parts = stages();
  return [
    PRELUDE,
    // the base image has Node here
    `node=${quoted(process.execPath)}`,
    ...parts.flatMap((stage) => [`stage ${stage.name}`, ...stepsOf(stage)]),
    ...trials.map(({ name, user, command }) => `trial ${name} ${user} ${command.map(quoted).join(' ')}`),
    '',
  ].join('\n');
}

const PRELUDE = `set -euo pipefail
here=$PWD
mount -t tmpfs -o size=4g tmpfs "$here/roots"
stage() {
  root=$here/roots/$1/root
  mkdir -p "$here/roots/$1/"{upper,work,root}
  mount -t overlay overlay -o "lowerdir=/,upperdir=$here/roots/$1/upper,workdir=$here/roots/$1/work" "$root"
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
  rm -rf "$root/opt/tandem" "$root/build" "$root/image"
  rm -f "$root/usr/local/bin/"{node,ray,tandem}
  if [ "$1" != final ]; then cp "$node" "$root/usr/local/bin/node"; fi
  touch "$root/etc/resolv.conf"
  mount --bind /etc/resolv.conf "$root/etc/resolv.conf"
}
copy() { # source target; a folder's content goes into the target, a file into a target that ends in /
  if [ -d "$1" ]; then mkdir -p "$2"; cp -a "$1/." "$2"
  else mkdir -p "$(dirname "$2x")"; cp -a "$1" "$2"; fi
}
run() { # folder command
  chroot "$root" /usr/bin/env -C "$1" /bin/bash -euo pipefail -c "$2"
}
trial() { # name user command...
  local name=$1 user=$2 code=0
  shift 2
  unshare --mount --pid --fork --kill-child /bin/bash -c 'root=$1 user=$2; shift 2
    mount -o remount,ro "$root"; mount -t proc proc "$root/proc"
    exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/ chroot "$root" \\
      setpriv --reuid "$user" --regid "$user" --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all "$@"
  ' trial "$root" "$user" "$@" >"$here/results/$name" 2>&1 </dev/null || code=$?
  echo "$code" >"$here/results/$name.code"
}`;

function stepsOf({ steps }: Stage): readonly string[] {
  let folder = '/';
  return steps.flatMap(({ name, rest }) => {
    switch (name) {
      case 'WORKDIR':
        folder = rest;
        return [`mkdir -p "$root"${quoted(folder)}`];
      case 'COPY':
        return copies(rest, folder);
      case 'RUN':
        return [`run ${quoted(folder)} ${quoted(rest)}`];
      default:
        return []; // what only describes the image
    }
  });
}

function copies(rest: string, folder: string): readonly string[] {
  const words = rest.split(' ');
  const from = words[0]?.startsWith('--from=') === true ? words.shift()?.slice('--from='.length) : undefined;
  const target = words.pop() ?? '';
  const base = from === undefined ? '"$here/context/"' : `"$here/roots/"${from}/root`;
  const to = target.startsWith('/') ? target : `${folder}/${target}`;
  return words.map((source) => `copy ${base}${quoted(source)} "$root"${quoted(to)}`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

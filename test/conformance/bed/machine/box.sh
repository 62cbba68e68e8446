#!/usr/bin/env bash
# One container: a private root over the host's files, then its command as process 1 of a process namespace of its own.
# usage: box.sh DIR COMMAND...      run by the kubelet inside the pod's network, host-name and IPC namespaces
#   DIR/mounts  lines "source<TAB>target<TAB>ro|rw": volumes      DIR/env   NUL-separated NAME=VALUE
#   DIR/files   small files to lay over the root                  DIR/cwd   working directory
set -euo pipefail
if [ "${BOXED:-}" = "" ]; then
  # The shell outside of the process namespace waits, and passes the exit code on: a signal as 128 + its number.
  # shellcheck disable=SC2016 # expanded by that shell
  BOXED=1 exec unshare --mount --pid -- bash -c '
    exec 3>&2 2> /dev/null # the shell'"'"'s own words about signals do not belong into the log
    setpriv --pdeathsig KILL "$0" "$@" 2>&3 3>&-
    exit $?' "$0" "$@"
fi
unset BOXED
dir=$1 root=$1/root
shift
mount --make-rprivate /
mkdir -p "$dir"/{upper,work,root,tmp,run,files}
mount -t overlay box -o "lowerdir=/,upperdir=$dir/upper,workdir=$dir/work" "$root"
# Other real file systems of the host (an overlay shows only the one of `/`).
while read -r target; do
  case $target in
    / | /boot* | /tmp* | /run*) ;;
    *) mount --bind "$target" "$root$target" 2> /dev/null || true ;;
  esac
done < <(findmnt -rn -o TARGET -t ext4,xfs,btrfs,zfs,virtiofs,9p,nfs,nfs4)
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777,size=64m shm "$root/dev/shm"
chmod 1777 "$dir/tmp"
mount --bind "$dir/tmp" "$root/tmp"
mount --bind "$dir/run" "$root/run"
(cd "$dir/files" && find . -type f) | while read -r file; do
  mkdir -p "$root/${file%/*}"
  rm -f "$root/$file"
  cp "$dir/files/$file" "$root/$file"
done
while IFS=$'\t' read -r source target mode; do
  target=$root$(chroot "$root" realpath -m "$target") # resolved inside: /var/run is a link to /run, and not to the host's
  if [ -d "$source" ]; then
    mkdir -p "$target"
  else
    mkdir -p "${target%/*}"
    touch "$target"
  fi
  mount -o "bind,$mode" "$source" "$target"
done < "$dir/mounts"
mapfile -d '' -t env < "$dir/env"
cwd=$(cat "$dir/cwd")
chroot "$root" mkdir -p "$cwd"
exec chroot "$root" env -i --chdir="$cwd" "${env[@]}" "$@"

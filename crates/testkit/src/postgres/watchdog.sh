# shellcheck shell=sh
# Creates a folder in `$1` for the server of a test and prints its path. When the test process ends,
# it stops the server and removes the folder.
#
# The test process holds the only other end of the pipe, so that the system closes it however that
# process ends. Through the pipe come the numbers of the processes to stop, each replacing the one
# before; an empty line means none.

trap '' HUP INT PIPE TERM

folder=$(mktemp -d "$1/pinning-keys-XXXXXX") || exit
echo "$folder"
exec > /dev/null

while read -r line; do process=$line; done

lock=$folder/data/postmaster.pid
owner=$(sed -n '1s/^-//;1p' "$lock")
if [ -n "$process" ]; then
  if [ "$process" = "$owner" ]; then
    # A server stops its other processes at once. A test may have suspended it.
    kill -QUIT "$process"
    kill -CONT "$process"
  else
    # A program that works on the files; its server ends with it.
    kill -KILL "$process"
  fi
  tries=1000
  while [ "$tries" -gt 0 ] && [ -e "$lock" ] && kill -0 "$owner"; do
    sleep 0.01
    tries=$((tries - 1))
  done
  [ "$tries" -gt 0 ] || kill -KILL "$owner"
fi

# A server that was killed left its segment of shared memory behind: the second number of line 7.
segment=$(sed -n '7s/.* //p' "$lock")
[ -z "$segment" ] || ipcrm -m "$segment"

# The last files may appear while the folder is being removed.
tries=100
until rm -rf "$folder" || [ "$tries" -eq 0 ]; do
  sleep 0.05
  tries=$((tries - 1))
done

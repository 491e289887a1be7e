# Stops the server of a test and removes its folder, `$1`, when the test process ends.
#
# The test process holds the only other end of the pipe, so that the system closes it however that
# process ends. Through the pipe come the numbers of the processes to stop, each replacing the one
# before; an empty line means none.

trap '' HUP INT TERM

while read -r line; do process=$line; done

if [ -n "$process" ]; then
  # PostgreSQL ends at once and removes its postmaster.pid. SIGCONT is for one that a test stopped.
  kill -QUIT "$process"
  kill -CONT "$process"
  tries=1000
  while [ "$tries" -gt 0 ] && kill -0 "$process" && [ -e "$1/data/postmaster.pid" ]; do
    sleep 0.01
    tries=$((tries - 1))
  done
  [ "$tries" -gt 0 ] || kill -KILL "$process"
fi

# A server that was killed left its segment of shared memory behind: the second number of line 7.
segment=$(sed -n '7s/.* //p' "$1/data/postmaster.pid")
[ -z "$segment" ] || ipcrm -m "$segment"

# The last files may appear while the folder is being removed.
tries=100
until rm -rf "$1" || [ "$tries" -eq 0 ]; do
  sleep 0.05
  tries=$((tries - 1))
done

#!/bin/sh
# Signals and the time limit: the current action is finished, exit status 32, words that go on;
# a second signal ends at once; SIGUSR1 tells how far it is. The end is that of a run left alone.
# shellcheck disable=SC2016 # what `eval` is given is expanded there
# shellcheck source=tests/cli/lib.sh
. "${0%/*}/lib.sh"

count=0
check() {
	ok "$@"
	count=$((count + 1))
}
drydock() { run --root "$T/root" "$@"; }
picture() { python3 "$SRCDIR/tests/cli/picture.py" "$1"; }
fresh() {
	rm -rf "$T/root"
	cp -a "${1:-$T/whole}" "$T/root"
}
# Everything but drydock's own directory, and without times, which a stop changes.
listing() {
	(cd "$T/root" && find . -path ./.drydock -prune -o ! -type f -printf '%p %y %m %U:%G %l\n' &&
		find . -path ./.drydock -prune -o -type f -exec sha256sum {} +) | LC_ALL=C sort
}
ends_as() { listing | diff "$1" - >"$T/diff" || { head -n 20 "$T/diff"; return 1; }; }
# until_true COMMAND...: waits for a condition.
until_true() {
	tries=0
	until "$@" 2>/dev/null; do
		tries=$((tries + 1))
		[ "$tries" -lt 600 ] || return 1
		sleep 0.05
	done
}
only= # "-P FILE": calls on that file alone are counted
# sent SIGNAL CALL N ARG...: drydock, to which SIGNAL is sent as it makes CALL for the N-th time.
sent() {
	sent_words=$1 sent_call=$2 sent_at=$3
	shift 3
	status=0
	# shellcheck disable=SC2086 # the words of $only
	strace -qq -f -o /dev/null $only -e "trace=$sent_call" \
		-e "inject=$sent_call:signal=$sent_words:when=$sent_at" \
		"$BIN" --root "$T/root" --jobs 1 "$@" </dev/null >"$T/out" 2>"$T/err" || status=$?
}

command -v strace >/dev/null || skip_all "strace is not installed: nothing can be stopped at a call"
strace -qq -o /dev/null true 2>/dev/null || skip_all "strace may not trace here"
fixture rich-20.10 "$T/whole"
dir=$("$BIN" --root "$T/whole" system prune -a --volumes --dry-run --format json -q |
	python3 -c 'import json, sys
print(next(a["object"] for a in json.load(sys.stdin)["actions"] if a["kind"] == "directory"))')
head -c 1000000 /dev/urandom >"$T/whole/overlay2/$dir/diff/big" # more than a pipe holds
mkdir "$T/whole/overlay2/$dir/diff/many"
(cd "$T/whole/overlay2/$dir/diff/many" && seq 100 | xargs touch)

fresh
drydock system prune -af --volumes
listing >"$T/end"
fresh
listing >"$T/before"

# --- the first one: every kind of run, in both of its halves
n=0
for case in "TERM renameat2 20" "HUP renameat2 7" "INT unlinkat 9"; do
	n=$((n + 1))
	fresh
	# shellcheck disable=SC2086 # the words of the case
	sent $case system prune -af --volumes
	check "prune, $case: exits 32" exits 32
	check "prune, $case: says how to go on" says err "drydock: interrupted; 'drydock run resume' finishes run 1"
	drydock run ls --format json
	check "prune, $case: the run is unfinished" grep -q -E '"state": ?"(planned|detached)"' "$T/out"
	if [ "$n" = 1 ]; then
		drydock system prune -f
		check "prune, $case: the next prune is refused, with the words" eval \
			'exits 8 && says err "finish it with '"'drydock run resume'"'"'
	fi
	drydock run resume
	check "prune, $case: resume exits 0" exits 0
	check "prune, $case: the end is that of a run left alone" ends_as "$T/end"
done

fresh
sent INT renameat2 7 system prune -af --volumes
sent TERM renameat2 5 run resume
check "resume: is stopped, too" eval 'exits 32 && says err "finishes run 1"'
sent INT unlinkat 5 run resume
check "resume: is stopped while it erases, too" eval 'exits 32 && says err "finishes run 1"'
drydock run resume
check "resume: then it ends" exits 0
check "resume: the end is that of a run left alone" ends_as "$T/end"

fresh
sent INT renameat2 7 system prune -af --volumes --quarantine
check "--quarantine: is stopped" eval 'exits 32 && says err "finishes run 1"'
drydock run resume
check "--quarantine: resume ends in quarantine" eval 'exits 0 && says err "run 1 is in quarantine"'
sent TERM unlinkat 5 run commit 1 -f
check "run commit: is stopped" eval 'exits 32 && says err "finishes run 1"'
drydock run resume
check "run commit: resume exits 0" exits 0
check "run commit: the end is that of a run left alone" ends_as "$T/end"
fresh
drydock system prune -af --volumes --quarantine
sent HUP renameat2 9 run rollback 1
check "run rollback: is stopped" eval 'exits 32 && says err "finishes run 1"'
drydock run resume
check "run rollback: resume exits 0" exits 0
check "run rollback: all is as before" ends_as "$T/before"

fresh
drydock system prune -af --volumes --archive "$T/a.tar.zst"
check "--archive: makes one" exits 0
cp -a "$T/root" "$T/pruned"
listing >"$T/pruned.list"
sent INT mknodat,mkdirat 9 run restore "$T/a.tar.zst" -f
check "run restore: is stopped while it makes things" eval 'exits 32 && says err "finishes run 2"'
check "run restore: nothing has come back yet" ends_as "$T/pruned.list"
sent TERM renameat2 9 run resume
check "run restore: is stopped while it puts things back" eval 'exits 32 && says err "finishes run 2"'
drydock run resume
check "run restore: resume exits 0" exits 0
check "run restore: all is as before" ends_as "$T/before"
fresh "$T/pruned"
only="-P $T/a.tar.zst"
sent INT read 3 run restore "$T/a.tar.zst" -f
only=
check "run restore: is stopped while it reads" eval 'exits 32 && says err "interrupted: nothing was restored"'
check "run restore: then nothing has changed" ends_as "$T/pruned.list"
rm "$T/a.tar.zst"
fresh
sent HUP write 3 system prune -af --volumes --archive "$T/a.tar.zst"
check "--archive: is stopped while it writes" eval 'exits 32 && says err "there is no archive: nothing was removed"'
check "--archive: then nothing has changed" ends_as "$T/before"
check "--archive: no part of a file is left" [ ! -e "$T/a.tar.zst" -a ! -e "$T/a.tar.zst.partial" ]

# --- the second one: held in the middle of a write to a pipe that nobody reads
mkfifo "$T/pipe"
# held: begins a run that waits there; $pid is its process
held() {
	fresh
	exec 7<>"$T/pipe"
	"$BIN" --root "$T/root" system prune -af --volumes --archive - </dev/null >"$T/pipe" 2>"$T/err" &
	pid=$!
	until_true is_held
}
# is_held: a thread of the program waits in a write to a pipe
is_held() {
	for wchan in /proc/"$pid"/task/*/syscall; do
		read -r call fd _ <"$wchan" || continue
		[ "$call" = 1 ] && [ "$(readlink "/proc/$pid/fd/$((fd))")" = "$T/pipe" ] && return 0
	done
	return 1
}
# child_of PID: it has a child that runs the program; $pid is that
child_of() {
	pid=$(cut -d' ' -f1 "/proc/$1/task/$1/children") && [ "$(readlink "/proc/$pid/exe")" = "$(readlink -f "$BIN")" ]
}
has_taken() { ! grep -q -E '^(SigPnd|ShdPnd):.*[1-9a-f]' "/proc/$pid/status"; }
ended() {
	status=0
	wait "$pid" || status=$?
	exec 7<&-
}
case $(uname -m) in
x86_64)
	held
	check "a run can be held" is_held
	kill -USR1 "$pid"
	check "SIGUSR1: is answered at once, by one line" until_true grep -q -E \
		'^drydock: archiving +[0-9]+%  [0-9.]+[kM]?B of [0-9.]+[kM]?B  ' "$T/err"
	kill -USR1 "$pid"
	check "SIGUSR1: as often as it comes" until_true eval '[ "$(grep -c "^drydock: archiving" "$T/err")" -eq 2 ]'
	check "SIGUSR1: stops nothing" is_held
	run --root "$T/root" system prune -f
	check "a second drydock is refused: busy" exits 64
	check "a second drydock names the first" says err "another drydock (pid $pid) is at work on"
	run --root "$T/root" run forget 1
	check "also one that only writes to the journal" exits 64
	kill -TERM "$pid" # SIGINT is ignored in the background
	until_true has_taken
	sleep 0.06 # two signals within STOP_SAME_MS are one
	check "the first signal: waits for the current action" is_held
	kill -TERM "$pid"
	ended
	check "the second signal: ends the program at once" exits 143
	check "the second signal: nothing had begun" ends_as "$T/before"

	# timeout(1) sends its signal twice
	fresh
	exec 7<>"$T/pipe"
	timeout --preserve-status 1 "$BIN" --root "$T/root" system prune -af --volumes --archive - \
		</dev/null >"$T/pipe" 2>"$T/err" &
	timeout_pid=$!
	began=$(date +%s)
	until_true child_of "$timeout_pid"
	until_true is_held
	has_asked() { [ $(($(date +%s) - began)) -gt 2 ] && has_taken; }
	until_true has_asked
	cat <"$T/pipe" >/dev/null 7<&- &
	cat_pid=$!
	pid=$timeout_pid
	ended
	kill "$cat_pid" 2>/dev/null
	check "timeout(1): asks once" exits 32
	check "timeout(1): nothing had begun" ends_as "$T/before"
	;;
esac

# the first as a step is done, the second one at the barrier after it, which is not the same moment
fresh
strace -qq -f -o "$T/calls" -e trace=renameat2,syncfs \
	"$BIN" --root "$T/root" --jobs 1 system prune -af --volumes >/dev/null 2>&1
barrier=$(awk '/renameat2/ && ++moves == 20 { print barriers + 1 } /syncfs/ { barriers++ }' "$T/calls")
fresh
strace -qq -f -o /dev/null -e trace=renameat2,fsync,syncfs -e inject=renameat2:signal=INT:when=20 \
	-e inject=fsync:delay_enter=100000 -e inject=syncfs:signal=INT:when="$barrier" \
	"$BIN" --root "$T/root" --jobs 1 system prune -af --volumes </dev/null >"$T/out" 2>"$T/err"
status=$?
check "the second signal, in the middle of a run: ends the program" [ "$status" -eq 130 ]
drydock run resume
check "the second signal, in the middle of a run: resume exits 0" exits 0
check "the second signal, in the middle of a run: the end is that of a run left alone" ends_as "$T/end"

# --- SIGUSR1 while things are erased
fresh
strace -qq -f -o /dev/null -e trace=unlinkat -e inject=unlinkat:delay_enter=100000:when=10+50 \
	"$BIN" --root "$T/root" --jobs 1 system prune -af --volumes --format json </dev/null >"$T/out" 2>"$T/err" &
strace_pid=$!
until_true child_of "$strace_pid"
until_true [ -e "$T/root/.drydock/journal.db" ]
asked() {
	kill -USR1 "$pid" && grep -q '^drydock: erasing .* of ' "$T/err"
}
check "SIGUSR1: tells of erasing" until_true asked
status=0
wait "$strace_pid" || status=$?
check "SIGUSR1: the run ends as it would have" exits 0
check "SIGUSR1: the report is whole" json "$T/out"
check "SIGUSR1: the end is that of a run left alone" ends_as "$T/end"

# --- the time limit
fresh
drydock system prune -af --volumes --time-limit 1h
check "a limit that is not reached changes nothing" eval 'exits 0 && ends_as "$T/end"'
fresh
drydock system prune -af --volumes --time-limit 1us
check "a limit that has passed before the run: exits 32" exits 32
check "a limit that has passed before the run: says so" says err "drydock: time limit reached: nothing was removed"
check "a limit that has passed before the run: nothing has changed" ends_as "$T/before"
for seconds in 2 10 50; do # so slow may this machine be
	strace -qq -f -o /dev/null -e trace=unlinkat -e "inject=unlinkat:delay_enter=$((seconds + 1))s:when=10" \
		"$BIN" --root "$T/root" --jobs 1 system prune -af --volumes --time-limit "${seconds}s" \
		</dev/null >"$T/out" 2>"$T/err"
	status=$?
	says err "nothing was removed" || break
done
check "a limit that passes while things are erased: exits 32" exits 32
check "a limit that passes while things are erased: says how to go on" says err \
	"drydock: time limit reached; 'drydock run resume' finishes run 1"
drydock run resume --time-limit 1h
check "a limit that passes while things are erased: resume exits 0" exits 0
check "a limit that passes while things are erased: the end is that of a run left alone" ends_as "$T/end"
for wrong in 0 0s -5m 30 5x ''; do
	run --root "$T/root" system prune -f --time-limit "$wrong"
	check "--time-limit '$wrong': is refused" eval 'exits 16 && says err "\"--time-limit\" flag"'
done

plan "$count"
done_testing

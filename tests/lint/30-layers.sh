#!/bin/bash
# Includes go one way between the folders, and each library is used by few files.
# shellcheck source=tests/lint/lib.sh
. "$(dirname "$0")/lib.sh"

# folder of the file: folders it may include from
records='overlay2 metadata metadata/base'
declare -A may=(
	[metadata/base]='metadata/base'
	[metadata]='metadata metadata/base'
	[overlay2]='overlay2 metadata/base'
	[gc/graph]="gc/graph $records"
	[gc/plan]="gc/plan gc/graph $records"
	[gc/session]="gc/session gc/plan gc/graph $records"
	[gc/trash]='gc/trash metadata/base'
	[gc/run]="gc/run gc/trash gc/plan gc/graph $records"
	[gc/edit]="gc/edit gc/run gc/trash gc/graph $records"
	[gc/archive]="gc/archive gc/edit gc/run gc/trash gc/graph $records"
	[gc/sweep]="gc/sweep gc/archive gc/edit gc/run gc/trash gc/session gc/plan gc/graph $records"
	[gc/back]="gc/back gc/sweep gc/archive gc/edit gc/run gc/trash gc/session gc/graph $records"
	[gc/verify]="gc/verify gc/run gc/trash gc/session gc/plan gc/graph $records"
	[gc/show]="gc/show gc/run gc/session gc/plan gc/graph $records"
	[gc]="gc gc/show gc/verify gc/back gc/sweep gc/archive gc/edit gc/run gc/trash gc/session gc/plan gc/graph $records"
)

# header: files that may include it (patterns)
libraries='
sqlite3.h    gc/run/journal*.[ch]
jansson.h    metadata/base/gojson.c gc/show/row.c
xxhash.h     metadata/base/map.c gc/plan/plan*.c overlay2/checksum.c
openssl/*    metadata/base/digest.c
archive*.h   overlay2/archive_*.c
'

check_project_include() {
	local file=$1 line=$2 header=$3 from=${1%/*} to=${3%/*}
	case $from in tests/*) return ;; esac
	[ "$to" != "$header" ] || { fault "$file:$line: \"$header\": name it from the top of the tree"; return; }
	case " ${may[$from]:-} " in
	*" $to "*) ;;
	*) fault "$file:$line: $from must not know $to (\"$header\")" ;;
	esac
}

check_library() {
	local file=$1 line=$2 header=$3 pattern files allowed
	while read -r pattern files; do
		[ -n "$pattern" ] || continue
		# shellcheck disable=SC2254 # patterns on purpose
		case $header in $pattern) ;; *) continue ;; esac
		for allowed in $files; do
			# shellcheck disable=SC2254
			case $file in $allowed) return ;; esac
		done
		fault "$file:$line: <$header> is for: $files"
	done <<<"$libraries"
}

set -f # the tables hold patterns
while IFS=: read -r file line text; do
	[[ $text =~ [\<\"]([^\>\"]+)[\>\"] ]] || { fault "$file:$line: an include of nothing"; continue; }
	header=${BASH_REMATCH[1]}
	case $text in
	*\"*) check_project_include "$file" "$line" "$header" ;;
	*) case $file in tests/*) ;; *) check_library "$file" "$line" "$header" ;; esac ;;
	esac
done < <(sources | xargs -r grep -HnE '^[[:space:]]*#[[:space:]]*include')
verdict "includes go one way, libraries stay where they belong"

#!/bin/bash
# Files are short, say first what they are for, and name nothing that only one machine has.
# shellcheck source=tests/lint/lib.sh
. "$(dirname "$0")/lib.sh"

while read -r file; do
	lines=$(wc -l <"$file")
	[ "$lines" -le 400 ] || fault "$file: $lines lines, more than 400"
	case ${file##*/} in util*.[ch] | common.[ch] | helper*.[ch] | misc.[ch])
		fault "$file: the name says nothing; a file is one noun" ;;
	esac
	case $file in
	*.[ch])
		head -n 1 "$file" | grep -qE "^/\* ${file##*/} - .+" ||
			fault "$file:1: the first line is /* ${file##*/} - what it is for. */"
		;;
	esac
done < <(sources; scripts)
while read -r file; do
	head -n 1 "$file" | grep -qE "\. \*/$|[^/]$" || fault "$file:1: the first line is a sentence"
done < <(sources)

# A test that cannot be executed ends the whole run of prove.
fault_lines < <(find tests -type f -name '[0-9]*-*' ! -perm -100 | sed 's/$/: not executable/' | sort)

# Places of one machine: they would work here and nowhere else.
places='(^|[^A-Za-z0-9_.$*}"/])/(work|root|home)/|/tmp/lab'
fault_lines < <({ sources; scripts; ls Makefile README.md .ci/run 2>/dev/null; } | grep -v lint/50-shape.sh |
	xargs -r grep -HnE "$places" || true)
verdict "files are short, say what they are for, and name no machine's own places"

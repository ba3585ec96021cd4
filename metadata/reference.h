/* reference.h - the grammar of image references (distribution/reference), in the familiar form in
 * which repositories.json has them (docker-data-root.md §1.2). */
#ifndef METADATA_REFERENCE_H
#define METADATA_REFERENCE_H

#include "metadata/ref.h"

/*
 * What NAME is as an inner key below the outer key REPOSITORY: REF_TAG for "REPOSITORY:tag",
 * REF_DIGEST for "REPOSITORY@sha256:...", and REF_INVALID when it is neither, when REPOSITORY is no
 * name in familiar form ("docker.io/library/x" is written "x"), or when it is another one's key:
 * dockerd never writes those, and finds none of them under its name. *WHY (may be NULL) gets words
 * for REF_INVALID. The grammar is that of 28.x, which takes more registries than 20.10 (IPv6
 * addresses, capitals without a dot); the limit of 255 bytes is that of 20.10, which counts all.
 */
enum ref_kind reference_kind(const char *name, const char *repository, const char **why);

/* What the familiar form of NAME leaves out at its beginning: "docker.io/library/", "docker.io/" or
 * "". */
const char *reference_prefix(const char *name);

/*
 * Compares two references (inner keys) as dockerd sorts those of an image: by their full names,
 * with "docker.io/" and "library/" where the familiar form leaves them out. Like strcmp.
 */
int reference_compare(const char *a, const char *b);

#endif

/* id.h - names read from disk: only what passes here may become part of a path. */
#ifndef METADATA_BASE_ID_H
#define METADATA_BASE_ID_H

#include <stdbool.h>
#include <stddef.h>

#define ID_HEX_LEN 64   /* SHA-256, container IDs, most directories of overlay2 */
#define ID_CACHE_LEN 25 /* BuildKit's identity.NewID: 25 digits of base 36 */
#define ID_LINK_LEN 26  /* names in overlay2/l: base32 */

/* 64 lower-case hexadecimal digits. */
bool id_is_hex(const char *text);

/* 25 characters 0-9a-z: a BuildKit record, snapshot, lease, or a directory that BuildKit made. */
bool id_is_cache(const char *text);

/* 26 characters A-Z2-7: a name in overlay2/l. */
bool id_is_link(const char *text);

/*
 * The name of a layer directory of overlay2: 64 hex, 64 hex and "-init", or 25 base 36
 * (docker-data-root.md §8).
 */
bool id_is_dir(const char *text);

/* The hex part of "sha256:<64 hex>", borrowed from TEXT; NULL when TEXT is anything else. */
const char *id_digest_hex(const char *text);

/* One component of a path: not empty, not "." or "..", no slash, at most 255 bytes. */
bool id_is_name(const char *text);

#endif

/* digest.h - SHA-256 in hexadecimal, and the chain IDs of layers that are made of it. */
#ifndef METADATA_BASE_DIGEST_H
#define METADATA_BASE_DIGEST_H

#include <stddef.h>

#define DIGEST_HEX_SIZE 65 /* 64 digits and the NUL */

/* Writes the SHA-256 of BYTES as hex. */
void digest_sha256(const void *bytes, size_t len, char hex[DIGEST_HEX_SIZE]);

/*
 * Writes the chain ID of a layer whose parent has chain ID PARENT (hex; NULL for a
 * base layer) and whose own diff ID is DIFF (hex), docker-data-root.md §1.4:
 * chain(d0) = d0, chain(d0..dn) = sha256("sha256:" chain(d0..dn-1) " sha256:" dn).
 * OUT may be PARENT.
 */
void digest_chain_id(const char *parent, const char *diff, char out[DIGEST_HEX_SIZE]);

#endif

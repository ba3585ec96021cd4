/* digest.c - SHA-256 in hexadecimal, and the chain IDs of layers that are made of it. */
#include "metadata/base/digest.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

void digest_sha256(const void *bytes, size_t len, char hex[DIGEST_HEX_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char hash[SHA256_DIGEST_LENGTH];

	(void)SHA256(bytes, len, hash);
	for (size_t i = 0; i < sizeof(hash); i++) {
		hex[2 * i] = digits[hash[i] >> 4];
		hex[2 * i + 1] = digits[hash[i] & 0xf];
	}
	hex[2 * sizeof(hash)] = '\0';
}

void digest_chain_id(const char *parent, const char *diff, char out[DIGEST_HEX_SIZE])
{
	char text[2 * (sizeof("sha256:") + DIGEST_HEX_SIZE)];
	int len;

	if (!parent) {
		(void)memmove(out, diff, DIGEST_HEX_SIZE);
		return;
	}
	len = snprintf(text, sizeof(text), "sha256:%s sha256:%s", parent, diff);
	digest_sha256(text, (size_t)len, out);
}

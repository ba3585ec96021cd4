/* parcel.h - trees that are packed into an archive and unpacked again. */
#ifndef TESTS_UNIT_PARCEL_H
#define TESTS_UNIT_PARCEL_H

#include "metadata/base/err.h"

#define PARCEL_NAME "a.tar.zst" /* of the archive, under dir and in messages */

struct parcel {
	char *dir;
	int fd;     /* of it */
	char *file; /* the path of the archive */
	struct err err;
};

/* For cmocka. */
int parcel_setup(void **state);
int parcel_teardown(void **state);

/* Writes an archive of the trees of these names, up to NULL, as "overlay2/NAME". 0 or -1 with
 * parcel->err. */
int parcel_pack(struct parcel *parcel, const char *const *names);

/* Reads the archive; of the trees that are NAMES (may be NULL) NAME-again is made. 0 or -1 with
 * parcel->err. */
int parcel_unpack(struct parcel *parcel, const char *const *names);

#endif

/* image_rows.h - the listing of images: a row for each tag, as Docker has it. */
#ifndef GC_SHOW_IMAGE_ROWS_H
#define GC_SHOW_IMAGE_ROWS_H

#include "gc/show/image_facts.h"
#include "gc/show/row.h"

enum {
	IMAGE_ROWS_ALL = 1,   /* intermediate images, too */
	IMAGE_ROWS_USAGE = 2, /* tables show shared and unique sizes and the number of containers */
};

/* The list "images", newest first; the caller frees with row_list_done. */
struct row_list image_rows_make(const struct state *state, const struct image_facts *facts,
                                unsigned flags);

#endif

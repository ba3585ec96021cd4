/* bolt_write.c - a database written anew with changes, compact, in memory. */
#include "metadata/bolt_write.h"

#include "metadata/base/mem.h"
#include "metadata/bolt_merge.h"
#include "metadata/bolt_tree.h"

#include <inttypes.h>
#include <stdlib.h>

static void bolt_image_cleanup(struct bolt_image *image)
{
	free(image->bytes);
}

/* bbolt keeps a bucket inline if it is one leaf of values that takes no more than a quarter of a
 * page. */
static bool bolt_write_is_inline(const struct bolt_image *image, const struct bolt_items *entries)
{
	return !entries->has_bucket && entries->size <= image->page_size / 4 &&
	       entries->count < UINT16_MAX;
}

static int bolt_write_entries(struct bolt_image *image, const struct bolt_bucket *bucket,
                              const struct bolt_edit_bucket *edit, struct bolt_items *entries,
                              struct err *err);

/* Makes the value of a bucket's entry, and the pages of the bucket if it is not inline. */
static int bolt_write_bucket(struct bolt_image *image, const struct bolt_merged *merged,
                             struct bolt_item *item, unsigned *height, struct err *err)
{
	AUTO(bolt_items) struct bolt_items entries = BOLT_ITEMS_INIT;
	AUTO(str) char *value = NULL;
	uint64_t root = 0;
	unsigned char *header;

	if (bolt_write_entries(image, &merged->bucket, merged->inside, &entries, err) < 0)
		return -1;
	*height = 0;
	item->value_len = BOLT_BUCKET_SIZE;
	if (bolt_write_is_inline(image, &entries))
		item->value_len += entries.size;
	else if (bolt_image_tree(image, &entries, &root, height, err) < 0)
		return -1;
	value = mem_zalloc(item->value_len, 1);
	header = (unsigned char *)value;
	bolt_put_u64(header, root);
	bolt_put_u64(header + 8, merged->bucket.sequence);
	if (root == 0)
		bolt_items_encode(&entries, BOLT_PAGE_LEAF, header + BOLT_BUCKET_SIZE);
	item->owned = TAKE(value, NULL);
	item->value = item->owned;
	return 0;
}

/* Lists the entries of a bucket as it shall be; the pages of buckets in it have been written then.
 */
static int bolt_write_entries(struct bolt_image *image, const struct bolt_bucket *bucket,
                              const struct bolt_edit_bucket *edit, struct bolt_items *entries,
                              struct err *err)
{
	AUTO(bolt_merge) struct bolt_merge merge = { .changes = BOLT_EDIT_ITEMS_INIT };
	struct bolt_merged merged;
	int more;

	bolt_merge_start(&merge, bucket, edit);
	while ((more = bolt_merge_next(&merge, &merged, err)) > 0) {
		struct bolt_item item = { .key = merged.entry.key,
			                  .key_len = merged.entry.key_len,
			                  .value = merged.entry.value,
			                  .value_len = merged.entry.value_len,
			                  .is_bucket = merged.entry.is_bucket };
		unsigned height = 0;

		if (item.is_bucket && bolt_write_bucket(image, &merged, &item, &height, err) < 0)
			return err_wrap(err, "bucket %.*s", bolt_shown_len(item.key_len), item.key);
		if (entries->height < height)
			entries->height = height;
		bolt_items_add(entries, &item);
	}
	return more;
}

/* Appends all pages; *META is what the meta pages have to say of them. There are at least four, as
 * in a file that bbolt makes. */
static int bolt_write_pages(struct bolt_image *image, const struct bolt *old,
                            const struct bolt_edit *edit, struct bolt_meta *meta, struct err *err)
{
	AUTO(bolt_items) struct bolt_items entries = BOLT_ITEMS_INIT;
	const struct bolt_bucket root = bolt_root(old);
	static const enum bolt_page_flags first[] = { BOLT_PAGE_META, BOLT_PAGE_META,
		                                      BOLT_PAGE_FREELIST };
	unsigned height;
	uint64_t id;

	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
		if (bolt_image_add(image, BOLT_HEADER_SIZE, first[i], &id, err) < 0)
			return -1;
	}
	/* without one bbolt finds the free pages itself, the empty freelist among them */
	meta->freelist = old->info.has_freelist ? id : BOLT_NO_FREELIST;
	if (bolt_write_entries(image, &root, bolt_edit_top(edit), &entries, err) < 0)
		return -1;
	return bolt_image_tree(image, &entries, &meta->root, &height, err);
}

/* The transaction of the new file is one later than any that OLD may have begun. */
static void bolt_write_metas(struct bolt_image *image, struct bolt_meta *meta, uint64_t txid)
{
	meta->page_count = image->page_count;
	for (meta->txid = txid + 1; meta->txid <= txid + 2; meta->txid++)
		bolt_meta_encode(meta, bolt_image_page(image, meta->txid % 2));
}

int bolt_write(char **bytes, size_t *len, const struct bolt *old, const struct bolt_edit *edit,
               struct err *err)
{
	AUTO(bolt_image) struct bolt_image image = { .page_size = old->info.page_size };
	struct bolt_meta meta = { .page_size = old->info.page_size,
		                  .sequence = old->info.sequence };

	if (old->len == 0 && bolt_edit_adds(bolt_edit_top(edit)))
		return err_set(err, ERR_STATE, "an empty file, into which a value shall be put");
	if (old->len == 0) {
		*bytes = mem_copy("", 0);
		*len = 0;
		return 0;
	}
	if (old->info.txid > UINT64_MAX - 3)
		return err_set(err, ERR_STATE, "transaction %" PRIu64 " has no next one",
		               old->info.txid);
	if (bolt_write_pages(&image, old, edit, &meta, err) < 0)
		return -1;
	bolt_write_metas(&image, &meta, old->info.txid);
	*len = (size_t)image.page_count * image.page_size;
	*bytes = (char *)TAKE(image.bytes, NULL);
	return 0;
}

/* ---- in place ---- */

void bolt_addition_done(struct bolt_addition *addition)
{
	free(addition->pages);
	free(addition->meta);
	*addition = (struct bolt_addition)BOLT_ADDITION_INIT;
}

/* Every page of OLD but the metas is free then. */
static int bolt_append_freelist(struct bolt_image *image, uint64_t *freelist, struct err *err)
{
	const uint64_t count = image->first_page - 2;
	unsigned char *page;

	if (count >= UINT16_MAX)
		return err_set(err, ERR_STATE, "%" PRIu64 " pages are too many to be set free",
		               count);
	if (bolt_image_add(image, BOLT_HEADER_SIZE + (size_t)count * 8, BOLT_PAGE_FREELIST,
	                   freelist, err) < 0)
		return -1;
	page = bolt_image_page(image, *freelist);
	bolt_put_u16(page + 10, (uint16_t)count);
	for (uint64_t i = 0; i < count; i++)
		bolt_put_u64(page + BOLT_HEADER_SIZE + i * 8, i + 2);
	return 0;
}

static void bolt_append_meta(struct bolt_addition *addition, const struct bolt_meta *meta)
{
	unsigned char *page = mem_zalloc(meta->page_size, 1);

	bolt_put_u64(page, meta->txid % 2);
	bolt_put_u16(page + 8, BOLT_PAGE_META);
	bolt_meta_encode(meta, page);
	addition->meta = (char *)page;
	addition->meta_len = meta->page_size;
	addition->meta_at = meta->txid % 2 * meta->page_size;
}

int bolt_append(struct bolt_addition *addition, const struct bolt *old,
                const struct bolt_edit *edit, struct err *err)
{
	AUTO(bolt_image)
	struct bolt_image image = { .page_size = old->info.page_size,
		                    .first_page = old->info.page_count,
		                    .page_count = old->info.page_count };
	AUTO(bolt_items) struct bolt_items entries = BOLT_ITEMS_INIT;
	const struct bolt_bucket root = bolt_root(old);
	struct bolt_meta meta = { .page_size = old->info.page_size,
		                  .sequence = old->info.sequence,
		                  .freelist = BOLT_NO_FREELIST,
		                  .txid = old->info.txid + 1 };
	unsigned height;

	if (old->len == 0 || old->info.txid == UINT64_MAX)
		return err_set(err, ERR_STATE, "an empty file, or no transaction is left");
	if (old->info.has_freelist && bolt_append_freelist(&image, &meta.freelist, err) < 0)
		return -1;
	if (bolt_write_entries(&image, &root, bolt_edit_top(edit), &entries, err) < 0 ||
	    bolt_image_tree(&image, &entries, &meta.root, &height, err) < 0)
		return -1;
	meta.page_count = image.page_count;
	bolt_append_meta(addition, &meta);
	addition->pages_at = image.first_page * image.page_size;
	addition->pages_len = (size_t)(image.page_count - image.first_page) * image.page_size;
	addition->pages = (char *)TAKE(image.bytes, NULL);
	return 0;
}

/* bolt_meta.c - the two meta pages of a bolt file, and which of them counts (bolt-buildkit.md
 * §1.2).
 */
#include "metadata/bolt_page.h"

#include <inttypes.h>

/* In a page: magic u32 at 16, version, page size, flags u32 each; root, sequence, freelist,
 * high-water mark, txid, checksum u64 each. */
#define META_AT BOLT_HEADER_SIZE
#define META_SUMMED 56U
#define META_END (META_AT + META_SUMMED + 8)
#define META_MAGIC 0xED0CDAEDU
#define META_MAGIC_SWAPPED 0xEDDA0CEDU
#define META_VERSION 2U

static uint64_t bolt_meta_checksum(const unsigned char *bytes)
{
	uint64_t sum = 0xcbf29ce484222325U; /* FNV-1a */

	for (size_t i = 0; i < META_SUMMED; i++)
		sum = (sum ^ bytes[i]) * 0x100000001b3U;
	return sum;
}

static struct bolt_meta bolt_meta_invalid(const char *why)
{
	return (struct bolt_meta){ .why = why };
}

/* Reads the meta page that begins at byte OFFSET of the file. */
static struct bolt_meta bolt_meta_read(const struct bolt *bolt, size_t offset)
{
	const unsigned char *meta = (const unsigned char *)bolt->bytes + offset + META_AT;

	if (offset > bolt->len || bolt->len - offset < META_END)
		return bolt_meta_invalid("lies behind the end of the file");
	if (bolt_u32(meta) == META_MAGIC_SWAPPED)
		return bolt_meta_invalid("comes from a machine of the other byte order");
	if (bolt_u32(meta) != META_MAGIC)
		return bolt_meta_invalid("has no magic number of bolt");
	if (bolt_u32(meta + 4) != META_VERSION)
		return bolt_meta_invalid("is not of version 2");
	if (bolt_u64(meta + META_SUMMED) != bolt_meta_checksum(meta))
		return bolt_meta_invalid("has a wrong checksum");
	return (struct bolt_meta){ .is_valid = true,
		                   .page_size = bolt_u32(meta + 8),
		                   .root = bolt_u64(meta + 16),
		                   .sequence = bolt_u64(meta + 24),
		                   .freelist = bolt_u64(meta + 32),
		                   .page_count = bolt_u64(meta + 40),
		                   .txid = bolt_u64(meta + 48) };
}

void bolt_meta_encode(const struct bolt_meta *meta, unsigned char *page)
{
	unsigned char *at = page + META_AT;

	bolt_put_u32(at, META_MAGIC);
	bolt_put_u32(at + 4, META_VERSION);
	bolt_put_u32(at + 8, meta->page_size);
	bolt_put_u32(at + 12, 0);
	bolt_put_u64(at + 16, meta->root);
	bolt_put_u64(at + 24, meta->sequence);
	bolt_put_u64(at + 32, meta->freelist);
	bolt_put_u64(at + 40, meta->page_count);
	bolt_put_u64(at + 48, meta->txid);
	bolt_put_u64(at + META_SUMMED, bolt_meta_checksum(at));
}

/*
 * Says whether the meta page at OFFSET is whole but for a checksum of 0. bbolt up to 1.3.6 takes
 * it, later ones do not: which meta page dockerd uses cannot be known.
 */
static bool bolt_meta_is_unsummed(const struct bolt *bolt, size_t offset)
{
	const unsigned char *meta = (const unsigned char *)bolt->bytes + offset + META_AT;

	return offset <= bolt->len && bolt->len - offset >= META_END &&
	       bolt_u32(meta) == META_MAGIC && bolt_u32(meta + 4) == META_VERSION &&
	       bolt_u64(meta + META_SUMMED) == 0;
}

/* Finds the second meta page when the first, which holds the page size, is lost: as bbolt does. */
static size_t bolt_meta_probe(const struct bolt *bolt)
{
	for (size_t size = 1024; size <= BOLT_PAGE_MAX; size *= 2) {
		struct bolt_meta meta = bolt_meta_read(bolt, size);

		if (meta.is_valid && meta.page_size == size)
			return size;
	}
	return 0;
}

/* Checks what a meta page with a right checksum says, and takes it over. */
static int bolt_meta_take(struct bolt *bolt, const struct bolt_meta *meta, struct err *err)
{
	uint64_t size;

	if (__builtin_mul_overflow(meta->page_count, meta->page_size, &size))
		return err_set(err, ERR_CORRUPT, "%" PRIu64 " pages", meta->page_count);
	if (meta->root < 2 || meta->root >= meta->page_count)
		return err_set(err, ERR_CORRUPT, "root page %" PRIu64 " of %" PRIu64, meta->root,
		               meta->page_count);
	if (meta->freelist != BOLT_NO_FREELIST &&
	    (meta->freelist < 2 || meta->freelist >= meta->page_count))
		return err_set(err, ERR_CORRUPT, "freelist page %" PRIu64 " of %" PRIu64,
		               meta->freelist, meta->page_count);
	bolt->root = meta->root;
	bolt->freelist = meta->freelist;
	bolt->info = (struct bolt_info){ .page_size = meta->page_size,
		                         .txid = meta->txid,
		                         .page_count = meta->page_count,
		                         .sequence = meta->sequence,
		                         .has_freelist = meta->freelist != BOLT_NO_FREELIST };
	return 0;
}

int bolt_meta_choose(struct bolt *bolt, struct err *err)
{
	const struct bolt_meta first = bolt_meta_read(bolt, 0);
	const size_t size = first.is_valid ? first.page_size : bolt_meta_probe(bolt);
	struct bolt_meta second;
	bool is_second;

	if (size == 0)
		return err_set(err, ERR_CORRUPT,
		               "no meta page: the first %s, no second one is found", first.why);
	if (size < BOLT_PAGE_MIN || size > BOLT_PAGE_MAX || (size & (size - 1)) != 0)
		return err_set(err, ERR_CORRUPT, "page 0, byte 24: page size of %zu bytes", size);
	if (bolt->len < 2 * size)
		return err_set(err, ERR_CORRUPT, "has %zu bytes, less than two pages of %zu",
		               bolt->len, size);
	if (bolt_meta_is_unsummed(bolt, 0) || bolt_meta_is_unsummed(bolt, size))
		return err_set(err, ERR_CORRUPT, "a meta page has no checksum");
	second = bolt_meta_read(bolt, size);
	if (second.is_valid && second.page_size != size)
		return err_set(err, ERR_CORRUPT,
		               "page 0 says pages of %zu bytes, page 1 of %" PRIu32, size,
		               second.page_size);
	is_second = second.is_valid && (!first.is_valid || second.txid > first.txid);
	if (bolt_meta_take(bolt, is_second ? &second : &first, err) < 0)
		return err_wrap(err, "page %d", is_second);
	bolt->info.is_meta_lost = !first.is_valid || !second.is_valid;
	return 0;
}

/* fuzz_cache.c - any bolt file as each of BuildKit's databases: read, or said to be unreadable. */
#include "metadata/base/mem.h"
#include "metadata/cache_load.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the rest of the program does with a cache: it resolves every name in it. */
static void fuzz_resolve(const struct cache *cache)
{
	for (size_t i = 0; i < cache->record_count; i++) {
		(void)cache_place(cache, cache->records[i].snapshot_id);
		for (size_t k = 0; k < cache->records[i].parent_count; k++)
			(void)cache_place(cache, cache->records[i].parents[k]);
	}
	for (size_t i = 0; i < cache->lease_count; i++) {
		for (size_t k = 0; k < cache->leases[i].snapshot_count; k++)
			(void)cache_place(cache, cache->leases[i].snapshot_ids[k]);
	}
	for (size_t i = 0; i < cache->snapshot_count; i++)
		(void)cache_place(cache, cache->snapshots[i].id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(finding_list) struct finding_list findings = FINDING_LIST_INIT;
	AUTO(cache) struct cache cache = CACHE_INIT;
	AUTO(bolt) struct bolt *bolt = NULL;
	struct cache_loader loader = { &cache, -1, &findings, "fuzz.db", 0 };
	struct err err = ERR_INIT;

	if (bolt_parse(&bolt, data, size, &err) < 0)
		return 0;
	cache_records_read(&loader, bolt);
	cache_leases_read(&loader, bolt);
	cache_snapshots_read(&loader, bolt);
	if (cache.is_unreadable != (findings.count > 0))
		abort();
	fuzz_resolve(&cache);
	return 0;
}

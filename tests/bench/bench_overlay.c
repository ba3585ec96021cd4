/* bench_overlay.c - what is timed of overlay2/: bench_overlay {inventory|measure|erase} DIR [JOBS].
 *
 * `measure` and `erase` do all entries of DIR, as `du -s` and `rm -rf` would, and print what they
 * counted: apparent bytes, allocated bytes, inodes.
 */
#include "metadata/base/file.h"
#include "metadata/base/mem.h"
#include "overlay2/erase.h"
#include "overlay2/inventory.h"
#include "overlay2/measure.h"

#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static void print_usage(const struct usage *usage)
{
	(void)printf("%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", usage->apparent_bytes,
	             usage->allocated_bytes, usage->inodes);
}

static void run_measure(int fd, const struct file_entries *entries, unsigned jobs)
{
	struct measure_item *items = mem_zalloc(entries->count, sizeof(*items));
	struct usage sum = { 0, 0, 0 };
	struct err failure = ERR_INIT;

	for (size_t i = 0; i < entries->count; i++)
		items[i] = (struct measure_item){ .dirfd = fd, .path = entries->items[i].name };
	if (measure(items, entries->count, jobs, &failure) < 0)
		errx(1, "%s", failure.text);
	for (size_t i = 0; i < entries->count; i++)
		usage_add(&sum, &items[i].usage);
	print_usage(&sum);
	free(items);
}

static void run_erase(int fd, const struct file_entries *entries, unsigned jobs)
{
	struct erase_item *items = mem_zalloc(entries->count, sizeof(*items));
	struct usage sum = { 0, 0, 0 };

	for (size_t i = 0; i < entries->count; i++)
		items[i] = (struct erase_item){ .dirfd = fd, .name = entries->items[i].name };
	erase(items, entries->count, jobs, NULL, NULL, NULL);
	for (size_t i = 0; i < entries->count; i++) {
		usage_add(&sum, &items[i].freed);
		if (!items[i].is_done)
			errx(1, "%s", items[i].err.text);
	}
	print_usage(&sum);
	free(items);
}

static double now_seconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Prints directories, microseconds and bytes of memory for each. */
static void run_inventory(int fd)
{
	AUTO(finding_list) struct finding_list findings = FINDING_LIST_INIT;
	AUTO(inventory) struct inventory *inventory = NULL;
	struct err failure = ERR_INIT;
	double start = now_seconds();
	struct rusage usage;

	if (inventory_load(&inventory, fd, &findings, &failure) < 0)
		errx(1, "%s", failure.text);
	start = now_seconds() - start;
	(void)getrusage(RUSAGE_SELF, &usage);
	(void)printf("%zu directories, %zu findings, %.2f us and %.0f bytes each\n",
	             inventory->dir_count, findings.count,
	             start * 1e6 / (double)inventory->dir_count,
	             (double)usage.ru_maxrss * 1024 / (double)inventory->dir_count);
}

int main(int argc, char **argv)
{
	AUTO(file_entries) struct file_entries entries = FILE_ENTRIES_INIT;
	unsigned jobs = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 0;
	struct err failure = ERR_INIT;
	int fd;

	if (argc < 3)
		errx(2, "usage: bench_overlay {inventory|measure|erase} DIR [JOBS]");
	fd = open(argv[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		err(1, "%s", argv[2]);
	if (strcmp(argv[1], "inventory") == 0) {
		run_inventory(fd);
		return 0;
	}
	if (file_list(&entries, fd, ".", &failure) < 0)
		errx(1, "%s", failure.text);
	if (strcmp(argv[1], "measure") == 0)
		run_measure(fd, &entries, jobs);
	else
		run_erase(fd, &entries, jobs);
	return 0;
}

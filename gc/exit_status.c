/* exit_status.c - what the exit status says: bits as fsck(8) has them, one scheme for all commands.
 */
#include "gc/exit_status.h"

int exit_status_of_err(const struct err *err)
{
	static const int bits[] = {
		[ERR_NONE] = EXIT_STATUS_DONE,    [ERR_SYSTEM] = EXIT_STATUS_FAILED,
		[ERR_CORRUPT] = EXIT_STATUS_LEFT, [ERR_ROOT] = EXIT_STATUS_FAILED,
		[ERR_BUSY] = EXIT_STATUS_BUSY,    [ERR_USAGE] = EXIT_STATUS_USAGE,
		[ERR_STATE] = EXIT_STATUS_FAILED,
	};

	return bits[err->kind];
}

int exit_status_of_findings(const struct finding_list *findings)
{
	return finding_list_count(findings, FINDING_BLOCK) > 0 ? EXIT_STATUS_LEFT
	                                                       : EXIT_STATUS_DONE;
}

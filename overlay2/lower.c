/* lower.c - the file `lower` of a layer directory: l/LINK(:l/LINK)*, the top one first. */
#include "overlay2/lower.h"

#include <string.h>

enum lower_step lower_next(struct lower *lower, char link[ID_LINK_LEN + 1])
{
	const char *next = lower->text + lower->at;
	size_t left = lower->len - lower->at;

	if (left == 0 && lower->count > 0)
		return LOWER_END;
	if (lower->count > 0) { /* what follows a link */
		if (*next != ':' || lower->count == LOWER_LINKS_MAX)
			return LOWER_INVALID;
		next++;
		left--;
	}
	if (left < 2 + ID_LINK_LEN || memcmp(next, "l/", 2) != 0)
		return LOWER_INVALID;
	(void)memcpy(link, next + 2, ID_LINK_LEN);
	link[ID_LINK_LEN] = '\0';
	if (!id_is_link(link))
		return LOWER_INVALID;
	lower->at = (size_t)(next - lower->text) + 2 + ID_LINK_LEN;
	lower->count++;
	return LOWER_LINK;
}

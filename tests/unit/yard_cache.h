/* yard_cache.h - the build cache of a yard: BuildKit's databases and the directories they name. */
#ifndef TESTS_UNIT_YARD_CACHE_H
#define TESTS_UNIT_YARD_CACHE_H

#include "tests/unit/bolt_maker.h"
#include "tests/unit/yard.h"

/* IDs of the story's records, as BuildKit makes them. */
#define YARD_KEPT "keptkeptkeptkeptkeptkept1"  /* shared with the image "keep" */
#define YARD_LOST "lostlostlostlostlostlost1"  /* the layer "lost", which only its lease holds */
#define YARD_HEAD "headheadheadheadheadhead1"  /* a cache mount, on nothing */
#define YARD_TWIN "twintwintwintwintwintwin1"  /* the immutable one of it */
#define YARD_LOWER "lowrlowrlowrlowrlowrlowr1" /* a step of a build */
#define YARD_UPPER "upprupprupprupprupprupp1r" /* one that was built on it */
#define YARD_INNER "innrinnrinnrinnrinnrinn1r" /* internal, and its parent YARD_BELOW */
#define YARD_BELOW "belobelobelobelobelobelo1"
#define YARD_FORGOT "forgforgforgforgforgforg1" /* a lease and a snapshot without a record */

/* The words of the directories (yard_orphan()): "head", "lower", ...; the last is that of the lost
 * snapshot. */
#define YARD_CACHE_DIRS "head", "lower-dir", "upper-dir", "inner-dir", "below-dir", "forgot-dir"

/* yard_story() with a build cache; `builder prune` takes LOST, HEAD, TWIN, LOWER and UPPER. */
void yard_cache_story(struct yard *yard);

#endif

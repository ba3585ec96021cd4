#include "overlay2/inventory.h"
#include "metadata/base/mem.h"
int inventory_load(struct inventory **inventory, int overlay2_fd, struct finding_list *findings,
                   struct err *err)
{ (void)overlay2_fd; (void)findings;(void)err; *inventory = mem_zalloc(1, sizeof(**inventory)); return 0; }
void inventory_free(struct inventory *inventory) { free(inventory); }

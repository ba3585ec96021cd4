/* stray_name.h - the names that dockerd gives to what it has not finished or not finished removing;
 * each as the source of dockerd 20.10 to 29 makes it, digit for digit. And one of drydock's. */
#ifndef METADATA_STRAY_NAME_H
#define METADATA_STRAY_NAME_H

#include <stdbool.h>

/* write-set-<number>: a layer that is being registered. */
bool stray_name_is_write_set(const char *name);

/* <64 hex>-<64 hex>-removing: a layer in deleteLayer (20.10 and later). */
bool stray_name_is_removing_layer(const char *name);

/* <64 hex>-removing: a plugin. */
bool stray_name_is_removing_plugin(const char *name);

/* .tmp-<file><number> of the atomic writer, for the files of each place. */
bool stray_name_is_tmp_repositories(const char *name);
bool stray_name_is_tmp_digest(const char *name); /* the file is 64 hex */
bool stray_name_is_tmp_image(const char *name);
bool stray_name_is_tmp_container(const char *name);
bool stray_name_is_tmp_volume(const char *name);
bool stray_name_is_tmp_plugin(const char *name);
bool stray_name_is_tmp_swarm(const char *name);
bool stray_name_is_tmp_engine(const char *name);

/* <database>.new-drydock<number>: of a run of drydock that was killed and then forgotten. */
bool stray_name_is_new_database(const char *name);

/* hosts.<BuildKit ID> or hosts.<BuildKit ID>.tmp: /etc/hosts of a build step. */
bool stray_name_is_hosts(const char *name);

/* Tests of the file system by the driver: opaque-bug-check<number>, ..., userxattr-check. */
bool stray_name_is_probe(const char *name);

/* tmp-old, runtimes-old, gen-runtimes<number>: directories that are being replaced at start. */
bool stray_name_is_old_dir(const char *name);

/* .rootfs<number>: a plugin that is being unpacked. */
bool stray_name_is_plugin_rootfs(const char *name);

#endif

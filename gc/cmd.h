/* cmd.h - the functions behind the command table; see command.h for what they are given. */
#ifndef GC_CMD_H
#define GC_CMD_H

#include "gc/command.h"

command_function cmd_system_df;
command_function cmd_system_prune;
command_function cmd_image_ls;
command_function cmd_image_prune;
command_function cmd_container_ls;
command_function cmd_container_prune;
command_function cmd_network_ls;
command_function cmd_network_prune;
command_function cmd_volume_ls;
command_function cmd_volume_prune;
command_function cmd_builder_du;
command_function cmd_builder_prune;
command_function cmd_layer_ls;
command_function cmd_layer_prune;
command_function cmd_layer_why;
command_function cmd_run_ls;
command_function cmd_run_show;
command_function cmd_run_resume;
command_function cmd_run_restore;
command_function cmd_run_commit;
command_function cmd_run_rollback;
command_function cmd_run_forget;

#endif

/* Fields of the table that info() returns. */
#ifndef LSANDBOX_LUA_LUA_INFO_H
#define LSANDBOX_LUA_LUA_INFO_H

#include <glib.h>
#include <lua.h>

#include "sandbox/sandbox.h"

/* Set a field of the table on top: `tainted` from bits of LsbTaint (metadata.h); `labels` from
 * LsbLabels or NULL; `graphics` where there are any. */
void lsbl_set_tainted(lua_State *L, guint taint);
void lsbl_set_labels(lua_State *L, GPtrArray *labels);
void lsbl_set_graphics(lua_State *L, const LsbSandbox *sb);

#endif

/* What a sandbox is and what it uses: sb:info() and sb:stats(). */
#ifndef LSANDBOX_LUA_LUA_INFO_H
#define LSANDBOX_LUA_LUA_INFO_H

#include <glib.h>
#include <lauxlib.h>
#include <lua.h>

/* info and stats of a sandbox. */
extern const luaL_Reg lsbl_info_methods[];

/* Set `tainted` of the table on top: a list of the names of TAINT, bits of LsbTaint (metadata.h).
 * Nothing where no bit is set. */
void lsbl_set_tainted(lua_State *L, guint taint);

/* Set `labels` of the table on top: text by key. LABELS, of LsbLabel, may be NULL. */
void lsbl_set_labels(lua_State *L, GPtrArray *labels);

#endif

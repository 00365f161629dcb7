/* Fields of the table that info() returns. */
#include "lua/lua_info.h"

#include <lua.h>
#include <string.h>

#include "domain/xml/metadata.h"
#include "lua/lua_push.h"
#include "recipe/graphicsfields.h"
#include "recipe/labelfields.h"
#include "recipe/qemufields.h"
#include "sandbox/sandbox.h"

/* Set `tainted` of the table on top: a list of what did it; nothing where nothing did. */
void lsbl_set_tainted(lua_State *L, guint taint)
{
    if (!taint)
        return;
    lua_newtable(L);
    for (guint i = 0; lsb_taint_names[i]; i++)
        if (taint & 1u << i) {
            lua_pushstring(L, lsb_taint_names[i]);
            lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
        }
    lua_setfield(L, -2, "tainted");
}

/* Set `labels` of the table on top; LABELS may be NULL. */
void lsbl_set_labels(lua_State *L, GPtrArray *labels)
{
    lua_newtable(L);
    for (guint i = 0; labels && i < labels->len; i++) {
        const LsbLabel *label = labels->pdata[i];
        lsbl_set_string(L, label->key, label->text);
    }
    lua_setfield(L, -2, "labels");
}

/* Set `graphics` of the table on top, where there are any. */
void lsbl_set_graphics(lua_State *L, const LsbSandbox *sb)
{
    const LsbGraphics *g = &lsb_sandbox_description(sb)->graphics;
    if (g->type == LSB_GRAPHICS_NONE || !lsb_sandbox_is_up(sb))
        return;
    lua_createtable(L, 0, 3);
    lsbl_set_string(L, "type", lsb_graphics_name(g));
    lsbl_set_string(L, "socket", lsb_sandbox_display(sb));
    lsbl_set_string(L, "listen", g->listen);
    if (g->port)
        lsbl_set_integer(L, "port", g->port);
    lua_setfield(L, -2, "graphics");
}

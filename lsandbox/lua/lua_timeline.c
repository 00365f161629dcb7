/* What happened when in a sandbox's start: sb:timeline(). */
#include "lua/lua_timeline.h"

#include <lauxlib.h>
#include <lua.h>

#include "base/timeline.h"
#include "base/timelinespans.h"
#include "lua/lua_box.h"
#include "lua/lua_push.h"
#include "lua/lua_sandbox.h"
#include "sandbox/sandbox.h"

static void push_span(lua_State *L, const LsbSpan *span)
{
    lua_createtable(L, 0, 4);
    lsbl_set_string(L, "name", span->name);
    lsbl_set_string(L, "lane", lsb_lane_names[span->lane]);
    lsbl_set_number(L, "begun", (lua_Number)span->begun / 1000);
    if (span->ended >= 0)
        lsbl_set_number(L, "ended", (lua_Number)span->ended / 1000);
}

/* sb:timeline() -> { { name, lane, begun, ended } ... }, notes; times in milliseconds */
static int sandbox_timeline(lua_State *L)
{
    LsbTimeline *t = lsb_sandbox_timeline(lsbl_check_sandbox(L, 1));
    Box *box = lsbl_box(L);
    box->spans = lsb_timeline_spans(t);
    box->strings = lsb_timeline_notes(t);
    lua_createtable(L, (int)box->spans->len, 0);
    for (guint i = 0; i < box->spans->len; i++) {
        push_span(L, &g_array_index(box->spans, LsbSpan, i));
        lua_rawseti(L, -2, i + 1);
    }
    lua_newtable(L);
    for (guint i = 0; box->strings[i]; i++) {
        lua_pushstring(L, box->strings[i]);
        lua_rawseti(L, -2, i + 1);
    }
    return 2;
}

const luaL_Reg lsbl_timeline_methods[] = {
    {"timeline", sandbox_timeline},
    {NULL, NULL},
};

/* Tables of options that functions take. */
#ifndef LSANDBOX_LUA_LUA_OPTIONS_H
#define LSANDBOX_LUA_LUA_OPTIONS_H

#include <lua.h>

/* A field of a table of options: unknown ones raise. Ended by a NULL name. */
typedef struct {
    const char *name;
    int type; /* LUA_TNUMBER ... */
} LsblOption;

/*
 * Check the options at INDEX (nothing, nil, or a table) of the function NAME; push the value of
 * each, or nil, in the order of OPTIONS.
 */
void lsbl_options(lua_State *L, int index, const char *name, const LsblOption *options);

/* Seconds at INDEX, which may be nil: USUAL. Raises where they are negative or no number. */
double lsbl_seconds(lua_State *L, int index, const char *what, double usual);

#endif

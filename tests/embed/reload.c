/*
 * reload MODULE URI: three times, load the module, run a program in a sandbox, close the Lua state
 * and unload the module, in the order in which host programs do this.
 */
#include <dlfcn.h>
#include <stdio.h>

#include <lauxlib.h>
#include <lualib.h>

static const char script[] =
    "local lsandbox, uri, round = ...\n"
    "local sb = assert(lsandbox.start { connect = uri })\n"
    "io.write(sb:run { 'echo', 'round', tostring(round) }.stdout)\n"
    "if round ~= 2 then sb:close() end\n" /* the second is left to lua_close */
    "if round == 3 then local p = sb end\n";

static int run(lua_CFunction open, const char *uri, int round)
{
    lua_State *L = luaL_newstate();
    luaL_openlibs(L);
    int failed = luaL_loadstring(L, script);
    if (!failed) {
        luaL_requiref(L, "lsandbox", open, 0);
        lua_pushstring(L, uri);
        lua_pushinteger(L, round);
        failed = lua_pcall(L, 3, 0, 0);
    }
    if (failed)
        fprintf(stderr, "reload: %s\n", lua_tostring(L, -1));
    lua_close(L);
    return failed;
}

int main(int argc, char **argv)
{
    for (int round = 1; argc == 3 && round <= 3; round++) {
        void *module = dlopen(argv[1], RTLD_NOW);
        lua_CFunction open = module ? (lua_CFunction)dlsym(module, "luaopen_lsandbox") : NULL;
        if (!open) {
            fprintf(stderr, "reload: %s\n", dlerror());
            return 1;
        }
        fflush(stdout);
        if (run(open, argv[2], round) != 0)
            return 1;
        dlclose(module);
    }
    return argc != 3;
}

-- Settings of luacheck, which tests/lint.t runs over every Lua file of the tree.
std = "lua54"
max_line_length = 120
exclude_files = { "build" }
-- The stub has only signatures, so its classes and arguments are never used. An annotation cannot be broken.
files["docs/lsandbox.lua"] = { ignore = { "211", "212", "241" }, max_line_length = false }
-- Globals that a host program gives to these scripts, and functions of Lua that the eager collector replaces.
files["tests/embed/gapp.lua"] = { read_globals = { "ticks", "quit", "every" } }
files["tests/embed/plain.lua"] = { globals = { "later" } }
files["tests/lib/gc.lua"] = { globals = { "coroutine", "require" } }

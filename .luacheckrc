-- luacheck's settings; tests/lint.t runs it over every Lua file of the tree.
std = "lua54"
max_line_length = 160
-- The stub has only signatures: its classes are set and never used, its arguments neither.
files["docs/lsandbox.lua"] = { ignore = { "211", "212", "241" } }
exclude_files = { "build" }
-- What a host program gives these scripts, and what the eager collector puts in place of Lua's own.
files["tests/embed/gapp.lua"] = { read_globals = { "ticks", "quit", "every" } }
files["tests/embed/plain.lua"] = { globals = { "later" } }
files["tests/lib/gc.lua"] = { globals = { "coroutine", "require" } }

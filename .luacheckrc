-- luacheck's settings; tests/lint.t runs it over every Lua file of the tree.
std = "lua54"
max_line_length = 160
-- The stub has only signatures: its classes are set and never used, its arguments neither.
files["docs/lsandbox.lua"] = { ignore = { "211", "212", "241" } }
exclude_files = { "build" }

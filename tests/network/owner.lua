-- owner.lua RECIPE: start the sandbox of RECIPE, a Lua table as text, print "started", and wait to be killed.
local lsandbox = require "lsandbox"
local sb, why = lsandbox.start(assert(load("return " .. arg[1]))())
print(sb and "started" or "failed: " .. why)
io.stdout:flush()
lsandbox.sleep(1000)

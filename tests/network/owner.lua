-- A process that starts the sandbox of its argument, a recipe's text, says so, and waits to be killed.
local lsandbox = require "lsandbox"
local sb, why = lsandbox.start(assert(load("return " .. arg[1]))())
print(sb and "started" or "failed: " .. why)
io.stdout:flush()
lsandbox.sleep(1000)

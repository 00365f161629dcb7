-- gapp.c runs this with a URI. A sandbox works while the program's own loop turns.
local lsandbox = require "lsandbox"
local uri = ...

local function finish(out, begun)
  io.write(out)
  print(ticks() - begun >= 10 and "ticked" or "ticks: " .. ticks() - begun)
  quit(7)
end

local work = { "sh", "-c", "sleep 0.3; echo worked", stdout = "pipe" }

if lsandbox.task then
  local main
  main = lsandbox.task(function()
    local sb <close> = assert(lsandbox.start { connect = uri })
    local p <close> = assert(sb:spawn(work))
    local begun = ticks()
    local out = p.stdout:read "a"
    assert(p:wait())
    finish(out, begun)
  end)
  every(50, function() -- the host program reports an error in the task
    if main:status() == "failed" then main:await() end
    return main:status() == "waiting"
  end)
  print "task"
else
  local sb = assert(lsandbox.start { connect = uri })
  local p = assert(sb:spawn(work))
  local begun = ticks()
  every(20, function()
    if select(3, p:wait { timeout = 0 }) == "timeout" then return true end
    local out = p.stdout:read "a"
    p:close()
    sb:close()
    finish(out, begun)
  end)
  print "polling"
end

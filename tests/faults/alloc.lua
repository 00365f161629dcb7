-- Scenarios for build/tests/alloc_sweep (see tests/embed/alloc_sweep.c). Each `run` is repeated, with an allocation of
-- Lua's failing at one place after the other, and must leave nothing. `before` runs with enough memory, and `run` gets
-- its result. Keep scenarios short, because each runs some hundred times.
local function started()
  local lsandbox = require "lsandbox"
  return assert(lsandbox.start { name = "sweep", env = { A = "b" } })
end

-- The API may return the failure instead of raising it, if the failure is that of memory.
local function check(...)
  if not ... then error((select(2, ...))) end
  return ...
end

local scenarios = {
  { name = "open", run = function() return require "lsandbox" end },
  -- An object that is made at first use must be made whole or not at all, because half a metatable has no __gc.
  { name = "try again", run = function()
    local function go()
      local lsandbox = require "lsandbox"
      local sb <close> = check(lsandbox.start { memory = "128M" })
      local p <close> = check(sb:spawn { "true", stdin = "pipe", stdout = "pipe" })
      assert(p.stdin:write "" and p.stdout:read "a" == "" and p:wait())
      assert(getmetatable(p).__gc and getmetatable(p.stdout).__gc and getmetatable(sb).__gc)
      assert(debug.getregistry()["lsandbox.box"].__gc, "lsandbox.box has no __gc")
    end
    if pcall(go) then return end
    local again, why = pcall(go)
    if not again then error(why) end
  end },
  { name = "new", before = function() return require "lsandbox" end, run = function(lsandbox)
    local sb <close> = lsandbox.new { connect = "lxc:///", name = "x", memory = "64M", env = { A = "b", C = "d" },
      mounts = { { type = "ram", target = "/mnt", size = "1M" } } }
    assert(sb:state() == "new" and sb:name() == "x" and sb:uri() == "lxc:///" and tostring(sb))
    return sb:xml()
  end },
  { name = "wrong recipe", before = function() return require "lsandbox" end, run = function(lsandbox)
    local ok, message = pcall(lsandbox.new, { memory = "12Q", env = { A = "b" } })
    if ok or not message:find("memory", 1, true) then error(message) end
    ok, message = pcall(lsandbox.new, { env = { { "x", {}, { {} } }, print } })
    if ok then error "expected an error" end
    if message:find "not enough memory" then error(message) end
  end },
  { name = "start", run = function()
    local lsandbox = require "lsandbox"
    local sb <close> = check(lsandbox.start { memory = "128M" })
    assert(sb:state() == "running" and sb:info().times.ready > 0 and #sb:timeline() > 0 and sb:log() == "")
    sb:destroy()
    assert(sb:state() == "stopped")
  end },
  { name = "start and forget", run = function()
    return check(require("lsandbox").start { memory = "128M" }):state()
  end },
  { name = "pool", before = function() return require "lsandbox" end, run = function(lsandbox)
    local pool <close> = lsandbox.pool { size = 1, memory = "128M", on = { started = function() end } }
    local sb <close> = check(pool:take())
    assert(sb:state() == "running" and pool:stats().taken == 1)
  end },
  { name = "pool with reuse", before = function() return require "lsandbox" end, run = function(lsandbox)
    local pool <close> = lsandbox.pool { size = 1, reuse = true, memory = "128M" }
    for _ = 1, 2 do
      local sb <close> = check(pool:take())
      check(pool:give(sb))
    end
  end },
  { name = "exec", before = started, run = function(sb)
    local _, how, code = sb:exec { "sh", "-c", "exit 3", stdin = "null", env = { X = "y" } }
    if code ~= 3 then error(how) end
    check(sb:stop { timeout = 5 })
  end },
  { name = "run", before = started, run = function(sb)
    local r = check(sb:run { "sh", "-c", "echo out; echo err >&2; exit 2" })
    assert(r.stdout == "out\n" and r.stderr == "err\n" and r.status == 2)
  end },
  { name = "lsandbox.run", before = function() return require "lsandbox" end, run = function(lsandbox)
    local r = check(lsandbox.run { "echo", "hello" })
    assert(r.stdout == "hello\n")
  end },
  { name = "a program that is not there", before = started, run = function(sb)
    local r = check(sb:run { "/no/such/program" })
    assert(r.status == 127 and r.error)
  end },
  { name = "spawn with pipes", before = started, run = function(sb)
    local p <close> = check(sb:spawn { "cat", stdin = "pipe", stdout = "pipe", stderr = "pipe" })
    check(p.stdin:write("one\n", "two\n", "three\nfour"))
    check(p.stdin:close())
    assert(p.stdout:read "l" == "one" and p.stdout:read(2) == "tw" and p.stdout:read "L" == "o\n")
    local rest = {}
    for line in p.stdout:lines() do rest[#rest + 1] = line end
    assert(rest[2] == "four" and p.stderr:read "a" == "")
    check(p:wait())
    return tostring(p)
  end },
  { name = "much output", before = started, run = function(sb)
    local p <close> = check(sb:spawn { "head", "-c", "300000", "/dev/zero", stdout = "pipe" })
    assert(#p.stdout:read "a" == 300000)
  end },
  { name = "kill and close", before = started, run = function(sb)
    local p = check(sb:spawn { "sleep", "1000", stdin = "pipe", stdout = "pipe" })
    assert(p:pid() > 0 and select(3, p:wait { timeout = 0 }) == "timeout")
    p:kill "TERM"
    local _, how, code = p:wait()
    if how ~= "signal" or code ~= 15 then error(how) end
    local q = check(sb:spawn { "sleep", "1000", stdout = "pipe" })
    local out = q.stdout
    q:close()
    return out:close()
  end },
  { name = "programs left alone", before = started, run = function(sb)
    for _ = 1, 2 do
      local p = check(sb:spawn { "sleep", "1000", stdin = "pipe", stdout = "pipe", stderr = "null" })
      check(p.stdin:write "text")
    end
    sb:close()
    assert(sb:state() == "closed")
  end },
  { name = "tasks", before = started, run = function(sb)
    local lsandbox = require "lsandbox"
    local t <close> = lsandbox.task(function(x)
      local r = check(sb:run { "echo", x })
      lsandbox.sleep(0)
      return r.stdout, nil
    end, "in a task")
    assert(check(t:await()) == "in a task\n" and t:status() == "done" and tostring(t))
  end },
  { name = "gather", before = started, run = function(sb)
    local lsandbox = require "lsandbox"
    local list = { limit = 2 }
    for i = 1, 3 do list[i] = function() return check(sb:run { "echo", tostring(i) }).stdout end end
    assert(lsandbox.gather(list)[3][1] == "3\n")
  end },
  { name = "a task that fails", before = function() return require "lsandbox" end, run = function(lsandbox)
    local t <close> = lsandbox.task(function() error("expected") end)
    local ok, message = pcall(t.await, t)
    if ok or not tostring(message):find("expected", 1, true) then error(message) end
  end },
  { name = "a task that is cancelled", before = started, run = function(sb)
    local lsandbox = require "lsandbox"
    local t <close> = lsandbox.task(function() return sb:exec { "sleep", "1000", stdin = "null" } end)
    local ok, message = t:await { timeout = 0.001 }
    if ok ~= nil or message ~= "the task still runs" then error(message) end
    assert(t:cancel())
    local _, _, code = t:await()
    assert(code == "cancelled")
  end },
  { name = "events", before = function() return require "lsandbox" end, run = function(lsandbox)
    local seen = 0
    local function note() seen = seen + 1 end
    local sb <close> = check(lsandbox.start { memory = "128M", on = { started = note } })
    sb:on("program-ended", note)
    check(sb:run { "true" })
    lsandbox.sleep(0)
    lsandbox.sleep(0)
    return sb:state()
  end },
  { name = "the loop from outside", before = started, run = function(sb)
    local lsandbox = require "lsandbox"
    local p <close> = check(sb:spawn { "true" })
    for _ = 1, 1000 do
      if p:wait { timeout = 0 } then break end
      assert(#lsandbox.fds() > 0)
      lsandbox.step(1)
    end
  end },
  { name = "streams", before = started, run = function(sb)
    local p <close> = check(sb:spawn { "cat", stdin = "pipe", stdout = "pipe" })
    assert(p.stdin:setvbuf("full", 8))
    check(p.stdin:write("1 2.5 ", 3, "\n"))
    check(p.stdin:flush())
    local a, b, c = p.stdout:read("n", "n", "n")
    assert(a == 1 and b == 2.5 and c == 3)
    check(p.stdin:close())
    for line in p.stdout:lines("L") do assert(line == "\n") end
  end },
  { name = "files", before = started, run = function(sb)
    local made = os.tmpname() -- a path on the host, because the guest there is nobody when root tests
    local name = made .. ".w"
    local ok, message = pcall(function()
      check(sb:write(name, "some bytes", { mode = "0600" }))
      assert(check(sb:read(name)) == "some bytes" and check(sb:stat(name)).size == 10)
      check(sb:push(name, name .. ".copy", { progress = function() end }))
      check(sb:rename(name .. ".copy", name .. ".moved"))
      check(sb:pull(name .. ".moved", name .. ".back"))
      local dir = check(sb:list("/etc"))
      assert(#dir > 0 and dir[1].name)
    end)
    for _, e in ipairs { "", ".copy", ".moved", ".back" } do os.remove(name .. e) end
    os.remove(made)
    if not ok then error(message, 0) end
  end },
  { name = "misuse", before = started, run = function(sb)
    for _, wrong in ipairs { {}, { "true", cwd = 3 }, { "true", unknown = 1 }, { "a\0b" } } do
      local ok, message = pcall(sb.spawn, sb, wrong)
      if ok then error "expected an error" end
      if message:find "not enough memory" then error(message) end
    end
  end },
}

return scenarios

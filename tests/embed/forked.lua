-- forked.lua URI [FILE]: what forked children of the host program do with what the parent has, and that the parent's
-- sandbox, program and pool go on. For forked.c. With FILE, the parent dies at the end, and a child lives on, whose
-- number is in FILE.
--
-- Root cause of what is here: fork(2) copies every object, and the child's exit, collector or close ended the parent's
-- sandbox over the descriptors that both share, or waited for threads that only the parent has.
-- luacheck: globals fork reap
local lsandbox = require "lsandbox"
local uri = arg[1]

local function own_pid() return io.open("/proc/self/stat"):read "n" end

local sb = assert(lsandbox.start { connect = uri })
local p = assert(sb:spawn { "cat", stdin = "pipe", stdout = "pipe" })
assert(p:pid())
local out = p.stdout
local watcher = assert(sb:watch "/tmp")
local connection = assert(lsandbox.connect(uri))
local pool = assert(lsandbox.pool { connect = uri, size = 1 })
local task = lsandbox.task(function() lsandbox.sleep(1000) end)
local failed = lsandbox.task(function() error("said once", 0) end)
lsandbox.sleep(0)

local function raises(fn, ...) return select(2, pcall(fn, ...)) end

-- In the child; what it prints shows that it got there, and a function that hangs is killed and seen.
local children = {
  { "os.exit", function() os.exit(3) end },
  { "os.exit that closes the state", function() os.exit(3, true) end },
  { "a full collection, all references gone", function()
    sb, p, out, watcher, connection, pool, task, failed = nil, nil, nil, nil, nil, nil, nil, nil
    collectgarbage() collectgarbage()
  end },
  { "close of everything", function()
    out:close() p:close() watcher:close() connection:close() pool:close() sb:close()
  end },
  { "destroy", function() return raises(sb.destroy, sb) end },
  { "exec", function() return raises(sb.exec, sb, { "true" }) end },
  { "wait", function() return raises(p.wait, p, { timeout = 1 }) end },
  { "read", function() return raises(out.read, out) end },
  { "a watcher's read", function() return raises(watcher.read, watcher) end },
  { "take", function() return raises(pool.take, pool) end },
  { "list", function() return raises(connection.list, connection) end },
  { "await", function() return raises(task.await, task) end },
  { "cancel of a task", function() return task:cancel() end },
  { "a turn of the loop", function() lsandbox.step(0.05) end },
  { "an end by a signal", function() os.execute("kill -TERM " .. own_pid()) end, 128 + 15 },
  { "a sandbox of its own", function()
    local r, message, code = lsandbox.run { "echo", "a child's", connect = uri }
    return r and r.stdout:gsub("\n", "") or code .. ": " .. message
  end },
}

local function works()
  if not p.stdin:write "still here\n" then return "the program reads no more" end
  local line = out:read "l"
  local ok, how, code = sb:exec { "sh", "-c", "exit 7" }
  return line == "still here" and how == "exit" and code == 7 and task:status() == "waiting" and "works" or
    ("%s %s %s %s %s"):format(line, ok, how, code, task:status())
end

local function as_child(fn)
  os.execute(("(sleep 20; kill -9 %d) 2>/dev/null >/dev/null </dev/null &"):format(own_pid()))
  local said = fn()
  if said ~= nil then print("", (tostring(said):gsub("process %d+", "process N"))) end
  io.stdout:flush()
  os.exit(3)
end

print("first", works())
for _, child in ipairs(children) do
  local pid = fork()
  if pid == 0 then as_child(child[2]) end
  local status = reap(pid)
  print(child[1], status == (child[3] or 3) and "as it should" or status, works())
end

-- A task forks while its parent's main program waits: the child's wait is for something that happens elsewhere.
local pid
lsandbox.task(function() pid = fork() end)
local ok, message = pcall(lsandbox.sleep, 0.01)
if pid == 0 then as_child(function() return message end) end
print("a fork in a task", reap(pid) == 3 and "as it should", ok, works())

local one <close> = assert(pool:take())
print("the pool", one:state(), failed:status())

-- The parent's end is not held up by a child that lives on: the keeper and libvirt hear of it all the same.
if arg[2] then
  io.stdout:flush()
  if fork() == 0 then
    io.open(arg[2], "w"):write(own_pid()):close()
    os.execute "sleep 60 >/dev/null 2>&1"
    os.exit(0)
  end
  while not io.open(arg[2]) do lsandbox.sleep(0.01) end
  os.execute("kill -9 " .. own_pid())
end

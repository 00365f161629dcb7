-- Copies into a sandbox and out of it beside their floors: files.lua URI
local lsandbox = require "lsandbox"
local kind = require "kind"
local machine, measure, timed = kind.machine, kind.measure, kind.timed
local MiB = 64                    -- of the large file
local FILES, FILE = 1000, 4096    -- of the tree
local dir = os.getenv "BENCH_WORK" .. "/files-" .. kind.name
local big, tree = dir .. "/big", dir .. "/tree"

local function rate(fn, ...) return MiB * 1.048576 / timed(fn, ...) end
local function files_rate(fn, ...) return FILES / timed(fn, ...) end
local function shell(command) return assert(os.execute(command)) end

-- A program on the host whose stdin or stdout is one of the sandbox's program.
local function through(sb, command, mode, program)
  local p <close> = assert(io.popen(command, mode))
  program[mode == "r" and "stdin" or "stdout"] = p
  program.stderr = "inherit"
  local running <close> = assert(sb:spawn(program))
  return running:wait()
end

local function one_file(sandbox)
  local back = dir .. "/back"
  local goal = machine and 50 or 150
  local data = ("x"):rep(MiB << 20)
  local function copy()
    sandbox()
    return rate(shell, "cp " .. big .. " " .. dir .. "/copy")
  end
  local function push() return rate(sandbox().push, sandbox(), big, "/scratch/big") end
  local function pull() return rate(sandbox().pull, sandbox(), "/scratch/big", back) end
  measure { name = "push, 64 MiB", unit = "MB/s", goal = goal, rate = true, beside = "cp", floor = copy, run = push }
  measure { name = "pull, 64 MiB", unit = "MB/s", goal = goal, rate = true, beside = "cp", floor = copy,
    run = function()
    local value = pull()
    shell("cmp " .. big .. " " .. back)
    return value
  end }
  measure { name = "write, 64 MiB", unit = "MB/s", rate = true, beside = "push", floor = push,
    run = function() return rate(sandbox().write, sandbox(), "/scratch/big", data) end }
  measure { name = "read, 64 MiB", unit = "MB/s", rate = true, beside = "pull", floor = pull, run = function()
    collectgarbage()
    return rate(sandbox().read, sandbox(), "/scratch/big")
  end }
  measure { name = "a copy of a 64 MiB string in Lua", unit = "MB/s", rate = true, run = function()
    collectgarbage()
    return rate(function() return data .. "y" end)
  end }
end

local function many_files(sandbox)
  measure { name = "push, 1,000 files", unit = "/s", rate = true, beside = "tar c | tar x",
    run = function(i) return files_rate(sandbox().push, sandbox(), tree, "/scratch/pushed-" .. i) end,
    floor = function(i)
      local sb = sandbox()
      assert(sb:mkdir("/scratch/tar-" .. i))
      return files_rate(through, sb, "tar c -C " .. tree .. " .", "r", { "tar", "x", "-C", "/scratch/tar-" .. i })
    end }
  measure { name = "pull, 1,000 files", unit = "/s", rate = true, beside = "tar c | tar x",
    run = function(i) return files_rate(sandbox().pull, sandbox(), "/scratch/tree", dir .. "/pulled-" .. i) end,
    floor = function(i)
      local target = dir .. "/tar-" .. i
      shell("mkdir " .. target)
      return files_rate(through, sandbox(), "tar x -C " .. target, "w", { "tar", "c", "-C", "/scratch/tree", "." })
    end }
  measure { name = "stat", unit = "ms", run = function()
    local sb = sandbox()
    return timed(function()
      for _ = 1, 100 do assert(sb:stat("/etc/passwd")) end
      return true
    end) / 100 * 1e3
  end }
end

local function start()
  shell(([[mkdir %s && cd %s && head -c %d /dev/urandom > big && mkdir tree && cd tree && i=0
    while [ $i -lt %d ]; do head -c %d ../big > $i; i=$((i + 1)); done]]):format(dir, dir, MiB << 20, FILES, FILE))
  local sb = assert(lsandbox.start { connect = kind.uri, accel = kind.accel, memory = "768M",
    mounts = { { type = "ram", target = "/scratch", size = "400M" } } })
  assert(sb:push(big, "/scratch/big"))
  assert(sb:push(tree, "/scratch/tree"))
  return sb
end

local sandbox <close> = kind.lazily(start)
one_file(sandbox)
many_files(sandbox)
return 0

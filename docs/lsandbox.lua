---@meta lsandbox

-- The description of lsandbox's Lua API. Editors read it as a stub (LuaCATS), and scripts/docs makes docs/reference.md
-- and lsandbox(3) from it. tests/docs.t runs the examples and compares the functions here with those that the module
-- registers.

--- `lsandbox` starts sandboxes made from the host's own root filesystem and runs programs in them.
---
--- Conventions:
---
--- - Misuse (a wrong type, an unknown key, a closed object) raises an error that names the field with its full
---   path: `mounts[2].target: expected absolute path, got "tmp"`.
--- - When the environment fails, a function returns `nil, message, code, details`. `message` says what was tried, what
---   happened and what to do; `code` is one of the short stable strings of [errors.md](errors.md); `details` is a table
---   of strings, or nil when there is nothing to add. After a failed boot `details.console` is the end of the console.
---   So `assert(lsandbox.start {...})` works as expected.
--- - A program's failure is a result, never an error.
--- - A call marked *waits* blocks its caller, and meanwhile runs GLib's default main context. In a task
---   (`lsandbox.task`) it yields instead, so that other tasks go on.
--- - Times are in seconds and may have fractions. Sizes are in bytes (`1048576`), or strings with a binary unit
---   (`"64K"`, `"256MiB"`, `"1.5G"`). File modes are integers or octal strings (`"0755"`).
--- - Tables of options refuse keys that they do not know: `wait.timeot: unknown key; did you mean "timeout"?`.
---
--- The examples assume `local lsandbox = require "lsandbox"`.
---
--- ```lua
--- local result = assert(lsandbox.run { "echo", "hello" })
--- print(result.stdout)             --> hello
--- print(type(lsandbox._VERSION))   --> string
--- ```
---@class lsandbox
---@field _VERSION string the version, such as `"0.1.0"`
local lsandbox = {}

--- The stable name of an error; [errors.md](errors.md) says when each comes and what to do. A code may also be the name
--- of an errno: `"ENOENT"`, `"EPIPE"` ...
---@alias lsandbox.Code
---| "unsupported"
---| "no-kernel"
---| "no-module"
---| "no-kvm"
---| "no-template"
---| "no-qemu"
---| "no-driver"
---| "no-permission"
---| "connect-failed"
---| "libvirt"
---| "boot-failed"
---| "protocol"
---| "timeout"
---| "idle-timeout"
---| "output-limit"
---| "cancelled"
---| "stopped"
---| "not-found"
---| "stale-snapshot"
---| "state"
---| "failed"
---| string

--- Bytes, or a string with a binary unit: `"64K"`, `"256M"`, `"2GiB"`.
---@alias lsandbox.Size integer|string

--- Permission bits: an integer, or a string of octal digits such as `"0644"`.
---@alias lsandbox.Mode integer|string

--- Where a program's stream leads: `"pipe"` to an `lsandbox.Stream`, `"inherit"` to this process's own stream, `"null"`
--- nowhere, a Lua file to that file.
---@alias lsandbox.Stdio "pipe"|"inherit"|"null"|file*

--- A resource limit: a number, a size, `"unlimited"`, or a table of the soft and the hard limit.
---@alias lsandbox.Rlimit lsandbox.Size|"unlimited"|{ soft: lsandbox.Size, hard: lsandbox.Size }

--- Make a sandbox. This only checks the recipe: it opens no connection and starts nothing. It raises when the recipe is
--- wrong.
---
--- ```lua
--- local sb <close> = lsandbox.new { memory = "512M" }
--- print(sb:state())                                      --> new
--- print(pcall(lsandbox.new, { memmory = "512M" }))       --> false	memmory: unknown key; did you mean "memory"?
--- ```
---@param recipe lsandbox.Recipe
---@return lsandbox.Sandbox sandbox
function lsandbox.new(recipe) end

--- Make a sandbox and start it; *waits* until programs can run in it.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start { hostname = "workshop" })
--- print(sb:run { "hostname" }.stdout)   --> workshop
--- ```
---@param recipe lsandbox.Recipe
---@return lsandbox.Sandbox? sandbox
---@return string? message
---@return lsandbox.Code? code
---@return table<string, string>? details
function lsandbox.start(recipe) end

--- Start a sandbox, run the recipe's program in it with its output captured, and destroy the sandbox; *waits*.
---
--- ```lua
--- local result = assert(lsandbox.run { "sort", "-r", input = "a\nb\n" })
--- print(result.stdout)   --> b a
--- print(result.status)   --> 0
--- ```
---@param recipe lsandbox.Recipe with a program
---@return lsandbox.Result? result
---@return string? message
---@return lsandbox.Code? code
---@return table<string, string>? details
function lsandbox.run(recipe) end

--- Open a connection to libvirt that several sandboxes can share (`connect = connection` in their recipes); *waits*.
--- Without it, each sandbox connects to its URI itself.
---
--- ```lua container
--- local connection <close> = assert(lsandbox.connect("lxc:///"))
--- for i = 1, 2 do
---   local result = assert(lsandbox.run { "echo", tostring(i), connect = connection })
---   print(result.stdout)   --> 1 2
--- end
--- ```
---@param uri string such as `"qemu:///embed"`, `"qemu:///system"`, `"lxc:///"`
---@return lsandbox.Connection? connection
---@return string? message
---@return lsandbox.Code? code
---@return table<string, string>? details
function lsandbox.connect(uri) end

--- List the domains on a connection that lsandbox started, in this or another process; *waits*. Other domains are left
--- out.
---
--- ```lua container
--- local sb <close> = assert(lsandbox.start { connect = "lxc:///", name = "listed" })
--- for _, entry in ipairs(assert(lsandbox.list("lxc:///"))) do
---   if entry.name == "listed" then
---     print(entry.kind, entry.state)   --> container	running
---   end
--- end
--- ```
---@param connection? string|lsandbox.Connection a URI or a connection; default: the default URI
---@return lsandbox.ListEntry[]? entries
---@return string? message
---@return lsandbox.Code? code
---@return table<string, string>? details
function lsandbox.list(connection) end

--- Attach to a sandbox that another process started; *waits*. You can watch and change its life cycle (`name`, `uuid`,
--- `uri`, `state`, `xml`, `stats`, `wait`, `pause`, `resume`, `stop`, `destroy`). Only its owner can use its programs
--- and files; here, calls for them return the code `"unsupported"`. `close` detaches from the sandbox and does not end
--- it.
---
--- ```lua container
--- for _, entry in ipairs(assert(lsandbox.list("lxc:///"))) do
---   local sb = assert(lsandbox.attach { name = entry.name, connect = "lxc:///" })
---   print(sb:name(), sb:state())
--- end
--- ```
---@param which lsandbox.AttachOptions
---@return lsandbox.Sandbox? sandbox
---@return string? message
---@return lsandbox.Code? code
---@return table<string, string>? details
function lsandbox.attach(which) end

--- Keep `size` sandboxes of one recipe started, so that one is ready when it is wanted. This checks the recipe and
--- returns at once. The sandboxes start while the script waits for something, a few at a time (twice as many as the
--- host has processors). A sandbox in the pool has never run anything. It is taken once, and whoever takes it closes
--- it; the pool starts another one in its place. A sandbox that dies in the pool is replaced.
---
--- With `reuse = true` there are never more than `size` sandboxes, including those that were taken. `pool:give` gives a
--- sandbox back, and the next caller of `pool:take` gets it with everything that was left in it. A sandbox that is
--- closed instead is replaced.
---
--- The fields of a recipe work as in `lsandbox.start`. Fields that only one sandbox can have raise an error: `name`,
--- `overlay`, `upper` of a mount, a display's `socket`, and disks and image mounts that are not `readonly`. `timeout`,
--- `idle_timeout` and the event `"started"` begin when a sandbox is taken.
---
--- ```lua
--- local pool <close> = lsandbox.pool { size = 2, timeout = 60 }
--- for i = 1, 3 do
---   local sb <close> = assert(pool:take())
---   print(sb:run({ "echo", tostring(i) }).stdout)   --> 1 2 3
--- end
--- ```
---@param recipe lsandbox.PoolRecipe
---@return lsandbox.Pool pool
function lsandbox.pool(recipe) end

--- Run a function as a task: a coroutine in which every call that waits yields, so that other tasks go on. The task
--- starts at the next turn of the loop, which is when the script waits for something. An error in a task that nobody
--- awaits is written to stderr.
---
--- ```lua
--- local function greet(name)
---   return (assert(lsandbox.run { "echo", "hello " .. name }).stdout:gsub("\n", ""))
--- end
--- local a, b = lsandbox.task(greet, "Ada"), lsandbox.task(greet, "Ben")
--- print(a:await(), b:await())   --> hello Ada	hello Ben
--- ```
---@param fn fun(...): ...
---@param ... any its arguments
---@return lsandbox.Task task
function lsandbox.task(fn, ...) end

--- Run several functions as tasks, or take tasks that already run, and wait until all have ended; *waits*. Then raise
--- the first error, if there was one.
---
--- ```lua
--- local jobs = { limit = 2 }
--- for i = 1, 4 do
---   jobs[i] = function() return (assert(lsandbox.run { "echo", tostring(i) }).stdout:gsub("\n", "")) end
--- end
--- for i, results in ipairs(lsandbox.gather(jobs)) do
---   assert(results[1] == tostring(i) and results.n == 1)
--- end
--- ```
---@param jobs lsandbox.GatherOptions
---@return table[] results for each job, its results as `table.pack` returns them
function lsandbox.gather(jobs) end

--- Wait for a time; *waits*, so other tasks and the sandboxes go on.
---
--- ```lua
--- lsandbox.sleep(0.01)
--- ```
---@param seconds number
function lsandbox.sleep(seconds) end

--- The seconds of a clock that nobody sets, from a moment in the past on: the difference of two calls is how much time
--- has passed. Unlike `os.clock`, it also counts what this process waits, and unlike `os.time`, parts of a second.
---
--- ```lua
--- local begun = lsandbox.clock()
--- lsandbox.sleep(0.01)
--- print(lsandbox.clock() - begun >= 0.01)   --> true
--- ```
---@return number seconds
function lsandbox.clock() end

--- Turn the loop once. This is for programs that have a loop of their own. A program that runs GLib's default main
--- context does not need it. It raises in a task.
---
--- ```lua
--- local task = lsandbox.task(function() lsandbox.sleep(0.01) return "done" end)
--- while task:status() == "waiting" do lsandbox.step(1) end
--- print(task:await())   --> done
--- ```
---@param timeout? number seconds to wait for something to happen; default 0: do not wait
---@return boolean happened whether something happened
function lsandbox.step(timeout) end

--- The descriptors and the timeout that another poll loop must watch before it calls `lsandbox.step(0)`. They may
--- change with each step.
---
--- ```lua
--- local fds, timeout = lsandbox.fds()
--- for _, item in ipairs(fds) do assert(item.fd >= 0 and #item.events > 0) end
--- print(timeout == nil or timeout >= 0)   --> true
--- ```
---@return lsandbox.PollEntry[] fds
---@return number? timeout seconds after which to call `step(0)` even when no descriptor is ready; nil: never
function lsandbox.fds() end

--- Write a recipe to a file, in the form of [recipe.md](recipe.md#saved-recipes) that `lsandbox.load` reads. The recipe
--- is a table or a sandbox. Only the owner can read the file (mode 0600), and it is replaced as a whole or not at all.
--- A value that is no data, such as a function or an open file, raises an error with the name of its field.
---
--- ```lua
--- local path = os.tmpname()
--- assert(lsandbox.save({ "echo", "kept", memory = "300M" }, path))
--- print(lsandbox.run(lsandbox.load(path)).stdout)                   --> kept
--- local ok, why = pcall(lsandbox.save, { "true", on = { stopped = print } }, path)
--- print(why)   --> on.stopped: expected data that can be saved, got a function
--- os.remove(path)
--- ```
---@param recipe lsandbox.Recipe|lsandbox.Sandbox
---@param path string
---@return true? saved
---@return string? message
---@return lsandbox.Code? code
function lsandbox.save(recipe, path) end

--- Make a recipe of another one: a new table with what `base` and `changes` say, where `changes` goes before. Tables
--- of named fields are joined, so that `env` gets the variables of both; a list replaces the list of `base` as a whole,
--- and a program in either form (`command`, or the elements) the program. Neither argument is changed, and the new
--- recipe shares no table with them.
---
--- A library of recipes is a module of tables, which `lsandbox RECIPE.lua` also finds beside the recipe.
---
--- ```lua
--- local base = { memory = "128M", env = { LANG = "C" } }
--- local recipe = lsandbox.extend(base, { "sh", "-c", "echo $LANG $A", env = { A = "more" } })
--- print(lsandbox.run(recipe).stdout)        --> C more
--- ```
---@param base lsandbox.Recipe
---@param changes lsandbox.Recipe
---@return lsandbox.Recipe recipe
function lsandbox.extend(base, changes) end

--- Start a machine that goes on from where `sb:save` saved it, as a new sandbox; *waits*. Everything that was in its
--- memory is there, the host's directories are mounted anew, and its identity is new: its name, machine and boot ids,
--- random numbers and clock. Any number of machines can go on from one directory, at once or later; they share the
--- memory that none of them changes. `changes` is a recipe that may have only `name`, `hostname`, `domainname`, `env`,
--- `cwd`, `command`, `tty`, `timeout`, `idle_timeout`, `boot_timeout`, `max_output`, `labels` and `on`.
---
--- Every byte is compared with what was saved. The directory must belong to this user, and no other user may write to
--- it. QEMU, libvirt, the kernel, the guest init and the processor must be the same as when the machine was saved:
--- otherwise the code is `"stale-snapshot"`, and the message names the one that differs. Other codes: `"failed"` (the
--- files are damaged), `"no-permission"`, `"ENOENT"`. There is no fallback to a cold start.
---
--- ```lua machine
--- local path = os.tmpname()
--- os.remove(path)
--- do
---   local sb <close> = assert(lsandbox.start { connect = "qemu:///embed" })
---   assert(sb:write("/tmp/prepared", "for hours"))
---   assert(sb:save(path))
--- end
--- local sb <close> = assert(lsandbox.restore(path, { hostname = "later" }))
--- print(sb:read("/tmp/prepared"), sb:run { "hostname" }.stdout)   --> for hours	later
--- os.execute("rm -r " .. path)
--- ```
---@param path string
---@param changes? lsandbox.Recipe
---@return lsandbox.Sandbox? sandbox
---@return string? message
---@return lsandbox.Code? code
function lsandbox.restore(path, changes) end

--- Read a saved recipe. The file is data, in Lua's syntax for tables of strings, numbers and booleans. Nothing in it is
--- run, whoever wrote it. The recipe is checked only when it is used. The code is `"unsupported"` for a recipe of a
--- later version of lsandbox, and `"failed"` for a file that is no recipe.
---
--- ```lua
--- local path = os.tmpname()
--- local file <close> = assert(io.open(path, "w"))
--- file:write("return os.execute('true')"):flush()
--- print(select(3, lsandbox.load(path)))   --> failed
--- os.remove(path)
--- ```
---@param path string
---@return lsandbox.Recipe? recipe
---@return string? message
---@return lsandbox.Code? code
function lsandbox.load(path) end

--- A sandbox. It ends at the end of its scope (`local sb <close> = ...`), when Lua collects it, and when this process
--- ends in any way.
---@class lsandbox.Sandbox
local Sandbox = {}

--- Start a sandbox that `lsandbox.new` has made; *waits*. A sandbox can be started once; a second start has the code
--- `"state"`.
---
--- ```lua
--- local sb <close> = lsandbox.new {}
--- assert(sb:start())
--- print(sb:state())   --> running
--- ```
---@return lsandbox.Sandbox? sandbox itself
---@return string? message
---@return lsandbox.Code? code
---@return table<string, string>? details
function Sandbox:start() end

--- Ask the guest to shut down; *waits*. The guest kills its programs and unmounts its filesystems. A guest that has not
--- done this in time is destroyed, and the code is `"timeout"`.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- assert(sb:stop { timeout = 5 })
--- print(sb:state())   --> stopped
--- ```
---@param options? { timeout?: number } seconds; default 10
---@return true? done
---@return string? message
---@return lsandbox.Code? code
---@return table<string, string>? details
function Sandbox:stop(options) end

--- End the sandbox at once, without asking the guest; *waits*. Harmless when the sandbox has ended.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- sb:destroy()
--- print(sb:state())   --> stopped
--- ```
---@return true done
function Sandbox:destroy() end

--- Destroy the sandbox and release it; *waits*. A second call is harmless; afterwards all other methods but `state`
--- raise. `<close>` and the finaliser do the same.
---
--- ```lua
--- local sb = assert(lsandbox.start {})
--- sb:close()
--- print(sb:state())                         --> closed
--- print((pcall(sb.exec, sb, { "true" })))   --> false
--- ```
function Sandbox:close() end

--- Stop every process of the sandbox until `resume`; *waits*. Time limits go on counting.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- assert(sb:pause())
--- print(sb:state())   --> paused
--- assert(sb:resume())
--- print(sb:state())   --> running
--- ```
---@return true? done
---@return string? message
---@return lsandbox.Code? code
---@return table<string, string>? details
function Sandbox:pause() end

--- Resume a paused sandbox; *waits*. See `pause`.
---@return true? done
---@return string? message
---@return lsandbox.Code? code
---@return table<string, string>? details
function Sandbox:resume() end

--- *Wait* until the sandbox has ended. The result is `true, "stopped"` when it stopped or was destroyed. When a limit
--- ended the sandbox, or it crashed, that is an error with the code `"timeout"`, `"idle-timeout"`, `"stopped"` or
--- `"protocol"`. The code is also `"timeout"` when the sandbox still runs after `options.timeout`; `state` tells the
--- two apart.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- local ok, message, code = sb:wait { timeout = 0.01 }
--- print(ok, code)     --> nil	timeout
--- sb:destroy()
--- print(sb:wait())    --> true	stopped
--- ```
---@param options? { timeout?: number } seconds; default: no limit
---@return true? ended
---@return string how `"stopped"`, or the message
---@return lsandbox.Code? code
---@return table<string, string>? details
function Sandbox:wait(options) end

--- The state of the sandbox.
---
--- ```lua
--- print(lsandbox.new({}):state())   --> new
--- ```
---@return "new"|"starting"|"running"|"paused"|"stopped"|"closed" state
function Sandbox:state() end

--- The name of the sandbox and of its libvirt domain: the recipe's, or a generated one.
---
--- ```lua
--- print(lsandbox.new({ name = "workshop" }):name())   --> workshop
--- ```
---@return string name
function Sandbox:name() end

--- The UUID of the sandbox's libvirt domain.
---
--- ```lua
--- local sb <close> = lsandbox.new {}
--- print(#sb:uuid())   --> 36
--- ```
---@return string uuid
function Sandbox:uuid() end

--- The libvirt URI of the sandbox.
---
--- ```lua container
--- print(lsandbox.new({ connect = "lxc:///" }):uri())   --> lxc:///
--- ```
---@return string uri
function Sandbox:uri() end

--- The domain XML that libvirt gets. To make it, lsandbox looks for the kernel and the emulator, so this can fail as
--- `start` can.
---
--- ```lua
--- print(assert(lsandbox.new({}):xml()):match("^<domain"))   --> <domain
--- ```
---@return string? xml
---@return string? message
---@return lsandbox.Code? code
---@return table<string, string>? details
function Sandbox:xml() end

--- The end of the boot console, at most a few KiB: messages of a machine's kernel and of the guest init. The guest has
--- written this text; unprintable characters are removed.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- print(type(sb:log()))   --> string
--- ```
---@return string log
function Sandbox:log() end

--- How the sandbox was started, how long that took, and the identity and rights of its programs.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- print(sb:info().times.ready > 0)   --> true
--- ```
---@return lsandbox.Info info
function Sandbox:info() end

--- Where the time of the start went, and that of the end once it has begun: a span for each step on the host, and for
--- each step that the guest init reports. (A hostile guest can report false times between the creation of its domain
--- and the moment at which it was ready.) `lsandbox run --trace` draws the same spans. Before the start the list is
--- empty. The second list has remarks about this start in words.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- for _, span in ipairs(sb:timeline()) do
---   if span.name == "create the domain" then print(span.lane, span.ended > span.begun) end   --> libvirt	true
--- end
--- ```
---@return lsandbox.Span[] spans in the order in which they began
---@return string[] notes
function Sandbox:timeline() end

--- The recipe that the sandbox was made from, as a table that can be changed, saved and given to `lsandbox.start`. It
--- has the fields that the recipe set, with `command` as a list, and `connect` and `version` filled in. Event functions
--- are left out. For an attached sandbox the code is `"unsupported"`.
---
--- ```lua
--- local sb <close> = lsandbox.new { "id", "-u", memory = "300M" }
--- local recipe = sb:recipe()
--- print(recipe.command[2], recipe.memory, recipe.version)   --> -u	300M	1
--- ```
---@return lsandbox.Recipe? recipe
---@return string? message
---@return lsandbox.Code? code
function Sandbox:recipe() end

--- Save a running machine into a new directory, for `lsandbox.restore`; *waits*. Only the owner can read the directory.
--- The machine then goes on with a new identity: its own machine and boot ids are new, too.
---
--- The directory gets everything that is in the machine's memory: files in `ram` mounts, `/tmp`, `/run`, `/dev/shm` and
--- a private home, included files, writes to an overlay in memory, and the state of the kernel. It takes as much space
--- as the memory that was in use.
---
--- Directories of the host are unmounted before and mounted again after, so no program may be open or left behind in
--- the machine: otherwise the code is `"state"`, and the message names the programs. The code is `"unsupported"` for a
--- container, and for a machine with disks, images, devices, graphics, arguments for QEMU, an overlay that keeps its
--- writes, or interfaces other than of the type `"user"` without `dhcp`. It is `"EEXIST"` when something is already at
--- `path`.
---
--- ```lua machine
--- local sb <close> = assert(lsandbox.start { connect = "qemu:///embed" })
--- local p <close> = assert(sb:spawn { "sleep", "100" })
--- print(select(3, sb:save "/tmp/not-made"))   --> state
--- ```
---@param path string
---@return true? saved
---@return string? message
---@return lsandbox.Code? code
function Sandbox:save(path) end

--- Make `n` machines, 1 to 64, that go on from where this one is; *waits*. This one runs on. `fork` is `sb:save` and
--- `lsandbox.restore` in one, with no directory to keep. Each new machine has everything that is in this one's memory
--- and a new identity, and shares with the others the memory that none of them changes. When one of them does not
--- start, none is made.
---
--- ```lua machine
--- local sb <close> = assert(lsandbox.start { connect = "qemu:///embed" })
--- assert(sb:write("/tmp/loaded", "once"))
--- local first, second = table.unpack(assert(sb:fork(2)))
--- print(first:read("/tmp/loaded"), second:info().start)   --> once	fork
--- first:close()
--- second:close()
--- ```
---@param n integer
---@param changes? lsandbox.Recipe as of `lsandbox.restore`; no `name` where there are several
---@return lsandbox.Sandbox[]? sandboxes
---@return string? message
---@return lsandbox.Code? code
function Sandbox:fork(n, changes) end

--- Send a command to the monitor of a machine's QEMU and return the reply; *waits*. The command is QMP, a string of
--- JSON; with `hmp = true` it is a line for the human monitor. Errors of QMP itself are in the reply. From then on the
--- sandbox is tainted: `sb:info().tainted` says so, and the event `"tainted"` comes. A container has no QEMU, and the
--- code is `"unsupported"`.
---
--- ```lua machine
--- local sb <close> = assert(lsandbox.start { connect = "qemu:///embed" })
--- print(sb:qemu_monitor('{"execute": "query-status"}'):match('"status":"running"'))   --> "status":"running"
--- print(sb:qemu_monitor("info status", { hmp = true }))                               --> VM status: running
--- print(sb:info().tainted[1])                                                         --> qemu_monitor
--- ```
---@param command string
---@param options? lsandbox.MonitorOptions
---@return string? reply
---@return string? message
---@return lsandbox.Code? code
function Sandbox:qemu_monitor(command, options) end

--- What the sandbox uses of the host; *waits*. Fields that this kind of sandbox does not measure are absent.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start { memory = "256M" })
--- print(sb:stats().memory_limit >> 20)   --> 256
--- ```
---@return lsandbox.Stats? stats
---@return string? message
---@return lsandbox.Code? code
---@return table<string, string>? details
function Sandbox:stats() end

--- Change limits of the sandbox while it runs; *waits*. Fields are named as in a recipe; limits that are not named stay
--- as they are. For both kinds, `tuning.cpu` (`shares`, `quota`, `period`), `tuning.memory` and `tuning.block` can
--- change. For a container, also `memory` and `tuning.pids`. For a machine, also the number of `vcpus`, up to
--- `max_vcpus`, and the bandwidth of its interfaces, in the recipe's order (`network = { { bandwidth = { inbound = "2M"
--- } } }`). A change that this kind or the host does not support has the code `"unsupported"`. A wrong table raises.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start { memory = "64M" })
--- assert(sb:tune { memory = "128M", tuning = { cpu = { quota = 0.5 } } })
--- print(sb:run { "sh", "-c", "head -c 80000000 /dev/zero | tail -c 70000000 | wc -c" }.stdout)   --> 70000000
--- ```
---@param changes { memory?: lsandbox.Size, vcpus?: integer, tuning?: lsandbox.Tuning, network?: { bandwidth?: lsandbox.Bandwidth }[] }
---@return true? ok
---@return string? message
---@return lsandbox.Code? code
---@return table<string, string>? details
function Sandbox:tune(changes) end

--- Call a function when something happens to the sandbox. The function runs as a task; its arguments are the sandbox
--- and a table that describes the event. Any number of functions may listen to an event. Events: `"started"`,
--- `"program-ended"`, `"stopped"`, `"crashed"`, `"timeout"`, `"output-limit"`, `"tainted"` (something was passed to
--- QEMU that lsandbox does not check).
---
--- ```lua
--- local seen = {}
--- local sb <close> = lsandbox.new {}
--- sb:on("started", function() seen[#seen + 1] = "started" end)
--- sb:on("stopped", function() seen[#seen + 1] = "stopped" end)
--- assert(sb:start())
--- sb:destroy()
--- lsandbox.sleep(0.1)
--- print(table.concat(seen, " "))   --> started stopped
--- ```
---@param event "started"|"program-ended"|"stopped"|"crashed"|"timeout"|"output-limit"
---@param fn fun(sandbox: lsandbox.Sandbox, info: lsandbox.EventInfo)
---@return lsandbox.Sandbox sandbox itself
function Sandbox:on(event, fn) end

--- Run a program with this process's stdin, stdout and stderr; *waits* until the program has ended. The results are
--- those of `os.execute`. When the program could not be executed, the status is 126 or 127 and a message follows. When
--- a limit ended it, a fourth value names the limit. When the sandbox ended before the program, the code says why:
--- `"stopped"`, `"timeout"`, `"idle-timeout"` ... When the program succeeded and its output could not be written, as on
--- a full disk, the code is an errno such as `"ENOSPC"`; `sb:run` and `p:wait` do the same.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- print(sb:exec { "true" })                          --> true	exit	0
--- print(sb:exec { "sh", "-c", "exit 3" })            --> nil	exit	3
--- print(sb:exec { "sh", "-c", "kill -TERM $$" })     --> nil	signal	15
--- ```
---@param program lsandbox.ProgramTable
---@return true? ok true for status 0
---@return "exit"|"signal"|string how or the message
---@return integer|lsandbox.Code number status or signal, or the code
---@return string? message
function Sandbox:exec(program) end

--- Run a program with its output captured; *waits* until the program has ended.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- local r = assert(sb:run { "sh", "-c", "cat; echo oops >&2; exit 3", input = "data\n" })
--- print(r.stdout)           --> data
--- print(r.stderr)           --> oops
--- print(r.status, r.ok)     --> 3	false
--- ```
---@param program lsandbox.ProgramTable
---@return lsandbox.Result? result
---@return string? message
---@return lsandbox.Code? code
---@return table<string, string>? details
function Sandbox:run(program) end

--- The same as `run`.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- print(sb:capture({ "echo", "hello" }).stdout)   --> hello
--- ```
---@param program lsandbox.ProgramTable
---@return lsandbox.Result? result
---@return string? message
---@return lsandbox.Code? code
---@return table<string, string>? details
function Sandbox:capture(program) end

--- Start a program and return at once. Unless the table says otherwise, stdin is `"null"`, and stdout and stderr are
--- `"inherit"`.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- local p <close> = assert(sb:spawn { "sort", stdin = "pipe", stdout = "pipe" })
--- p.stdin:write("pear\napple\n")
--- p.stdin:close()
--- for line in p.stdout:lines() do print(line) end   --> apple pear
--- print(p:wait())                                   --> true	exit	0
--- ```
---@param program lsandbox.ProgramTable
---@return lsandbox.Program? program
---@return string? message
---@return lsandbox.Code? code
---@return table<string, string>? details
function Sandbox:spawn(program) end

--- Copy a file or a tree from the host into the sandbox, with modes and times; *waits*. Symbolic links are copied as
--- links. Special files are skipped, and listed in the summary. The target is the name of the copy, or, with a `/` at
--- its end, the directory to put the copy in. Existing directories are filled, existing files are replaced.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- local summary = assert(sb:push("/etc/hostname", "/tmp/name"))
--- print(summary.files, summary.directories)   --> 1	0
--- ```
---@param source string path on the host
---@param target string absolute path in the sandbox
---@param options? lsandbox.CopyOptions
---@return lsandbox.Summary? summary
---@return string? message
---@return lsandbox.Code? code
---@return table<string, string>? details
function Sandbox:push(source, target, options) end

--- Copy a file or a tree from the sandbox to the host, as `push` does in the other direction; *waits*. Nothing is
--- written outside of the target, whatever the guest sends, and only the permission bits of modes are kept. The code is
--- `"output-limit"` when there is more than `max`.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- assert(sb:run { "sh", "-c", "mkdir /tmp/out && echo result > /tmp/out/file" })
--- local target = os.tmpname()
--- os.remove(target)
--- local last = 0
--- local summary = assert(sb:pull("/tmp/out", target, { progress = function(bytes) last = bytes end }))
--- print(summary.files, summary.bytes)                --> 1	7
--- print(io.open(target .. "/file"):read("a"))        --> result
--- os.remove(target .. "/file")
--- os.remove(target)
--- ```
---@param source string absolute path in the sandbox
---@param target string path on the host
---@param options? lsandbox.PullOptions
---@return lsandbox.Summary? summary
---@return string? message
---@return lsandbox.Code? code
---@return table<string, string>? details
function Sandbox:pull(source, target, options) end

--- Read a file of the sandbox; *waits*. The code is `"output-limit"` when the file is larger than `max`.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- assert(sb:write("/tmp/file", "hello, world\n"))
--- print(sb:read("/tmp/file"))                                  --> hello, world
--- print(sb:read("/tmp/file", { offset = 7, length = 5 }))      --> world
--- print(select(3, sb:read("/no/such/file")))                   --> ENOENT
--- ```
---@param path string absolute path in the sandbox
---@param options? lsandbox.ReadOptions
---@return string? data
---@return string? message
---@return lsandbox.Code? code
---@return table<string, string>? details
function Sandbox:read(path, options) end

--- Write a file of the sandbox and replace its contents; *waits*.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- assert(sb:write("/tmp/script", "#!/bin/sh\necho hello\n", { mode = "0755" }))
--- assert(sb:write("/tmp/script", "echo again\n", { append = true }))
--- print(sb:run({ "/tmp/script" }).stdout)   --> hello again
--- ```
---@param path string absolute path in the sandbox
---@param data string
---@param options? lsandbox.WriteOptions
---@return true? done
---@return string? message
---@return lsandbox.Code? code
---@return table<string, string>? details
function Sandbox:write(path, data, options) end

--- List a directory of the sandbox, sorted by name; *waits*.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- assert(sb:run { "touch", "/tmp/b", "/tmp/a" })
--- for _, entry in ipairs(assert(sb:list("/tmp"))) do
---   print(entry.name, entry.type)   --> a	file b	file
--- end
--- ```
---@param path string absolute path in the sandbox
---@param options? lsandbox.FileOptions
---@return lsandbox.Stat[]? entries each with its `name`
---@return string? message
---@return lsandbox.Code? code
---@return table<string, string>? details
function Sandbox:list(path, options) end

--- Type, size, mode, owner and time of a file or directory of the sandbox; *waits*.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- print(assert(sb:stat("/etc")).type)                                         --> directory
--- assert(sb:run { "ln", "-s", "/etc", "/tmp/link" })
--- print(assert(sb:stat("/tmp/link", { follow = false })).target)              --> /etc
--- ```
---@param path string absolute path in the sandbox
---@param options? lsandbox.StatOptions
---@return lsandbox.Stat? stat
---@return string? message
---@return lsandbox.Code? code
---@return table<string, string>? details
function Sandbox:stat(path, options) end

--- Make a directory in the sandbox; *waits*.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- assert(sb:mkdir("/tmp/a/b", { parents = true, mode = "0700" }))
--- print(sb:stat("/tmp/a/b").type)   --> directory
--- ```
---@param path string absolute path in the sandbox
---@param options? lsandbox.MkdirOptions
---@return true? done
---@return string? message
---@return lsandbox.Code? code
---@return table<string, string>? details
function Sandbox:mkdir(path, options) end

--- Remove a file or a directory of the sandbox; *waits*.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- assert(sb:run { "mkdir", "-p", "/tmp/a/b" })
--- print(select(3, sb:remove("/tmp/a")))               --> ENOTEMPTY
--- print(sb:remove("/tmp/a", { recursive = true }))    --> true
--- ```
---@param path string absolute path in the sandbox
---@param options? lsandbox.RemoveOptions
---@return true? done
---@return string? message
---@return lsandbox.Code? code
---@return table<string, string>? details
function Sandbox:remove(path, options) end

--- Rename a file or a directory of the sandbox, as rename(2) does; *waits*.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- assert(sb:write("/tmp/old", "data"))
--- assert(sb:rename("/tmp/old", "/tmp/new"))
--- print(sb:read("/tmp/new"))   --> data
--- ```
---@param from string absolute path in the sandbox
---@param to string absolute path in the sandbox
---@param options? lsandbox.FileOptions
---@return true? done
---@return string? message
---@return lsandbox.Code? code
---@return table<string, string>? details
function Sandbox:rename(from, to, options) end

--- Watch a file or a directory of the sandbox, as inotify(7) does; *waits* until the watch is in place. Changes that
--- the host makes in a bind mount may be missed.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- local w <close> = assert(sb:watch("/tmp"))
--- assert(sb:run { "mkdir", "/tmp/new" })
--- local e = assert(w:read { timeout = 10 })
--- print(e.event, e.name, e.is_dir)   --> create	new	true
--- ```
---@param path string absolute path in the sandbox
---@param options? lsandbox.FileOptions
---@return lsandbox.Watcher? watcher
---@return string? message
---@return lsandbox.Code? code
---@return table<string, string>? details
function Sandbox:watch(path, options) end

--- A program that runs in a sandbox, from `sb:spawn`. `<close>` kills the program; when Lua merely collects the object,
--- the program goes on.
---@class lsandbox.Program
---@field stdin lsandbox.Stream? for writing, when the table said `stdin = "pipe"` or `tty = true`
---@field stdout lsandbox.Stream? for reading, when the table said `stdout = "pipe"` or `tty = true`
---@field stderr lsandbox.Stream? for reading, when the table said `stderr = "pipe"`
local Program = {}

--- *Wait* until the program has ended. The results are those of `sb:exec`. The code is `"timeout"` when the program
--- still runs after that time. When the sandbox ended before the program, the code says why: `"timeout"`,
--- `"idle-timeout"`, `"stopped"` and so on.
---
--- The wait does not include what the script has not read yet from the program's pipes: that can be read afterwards.
--- The wait includes the writing of what went to a file or to another process's pipe.
---
--- The wait does not include what the script has not read yet from the program's pipes, which can be read afterwards.
--- It includes the writing of what went to a file or to another process's pipe.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- local p <close> = assert(sb:spawn { "sleep", "1000" })
--- print(p:wait { timeout = 0.05 })   --> nil	the program still runs	timeout
--- p:kill()
--- print(p:wait())                    --> nil	signal	15
--- ```
---@param options? { timeout?: number } seconds; default: no limit
---@return true? ok true for status 0
---@return "exit"|"signal"|string how or the message
---@return integer|lsandbox.Code number status or signal, or the code
---@return string? message
function Program:wait(options) end

--- Send a signal to the program's process group, which includes its children. Harmless when the program has ended.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- local p <close> = assert(sb:spawn { "sleep", "1000" })
--- p:kill("KILL")
--- print(p:wait())   --> nil	signal	9
--- ```
---@param signal? string|integer a name (`"TERM"`, `"SIGTERM"`) or a number; default `"TERM"`
---@return true done
function Program:kill(signal) end

--- The program's process id inside the sandbox; *waits* until the program has started.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- local p <close> = assert(sb:spawn { "sh", "-c", "echo $$", stdout = "pipe" })
--- print(tostring(p:pid()) == p.stdout:read("l"))   --> true
--- ```
---@return integer? pid nil when it could not be started
function Program:pid() end

--- Change the size of the program's terminal. Raises for a program without `tty = true`.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- local p <close> = assert(sb:spawn { "sh", "-c", "read line; stty size", tty = true, stdout = "pipe" })
--- p:resize(50, 132)
--- p.stdin:write("\n")
--- print(p.stdout:read("a"):match("50 132"))   --> 50 132
--- ```
---@param rows integer lines, from 1
---@param cols integer columns, from 1
---@return true done
function Program:resize(rows, cols) end

--- Kill the program if it runs, and release the object. A second call is harmless. `<close>` does the same.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- local p = assert(sb:spawn { "sleep", "1000" })
--- p:close()
--- print((pcall(p.wait, p)))   --> false
--- ```
function Program:close() end

--- One end of a program's stdin, stdout or stderr, with the methods of Lua's files. Output that the script does not
--- read takes bounded memory: a program that writes more has to wait.
---@class lsandbox.Stream
local Stream = {}

--- Read by formats, as `file:read` does: `"l"` (the default), `"L"`, `"a"`, `"n"`, or a number of bytes; *waits*.
--- One read takes at most the program's `max_output` bytes, because a program may write for ever without a newline. A
--- format that needs more gives `nil, message, "output-limit"`, and what has come can be read in pieces.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- local p <close> = assert(sb:spawn { "printf", "one\\n22 rest", stdout = "pipe" })
--- print(p.stdout:read("l", "n", "a"))   --> one	22	rest
--- print(p.stdout:read("l"))             --> nil
--- ```
---@param ... "l"|"L"|"a"|"n"|integer
---@return string|number|nil ... nil at the end of the stream
function Stream:read(...) end

--- An iterator over the results of `read`; *waits* at each step. It ends where `read` gives nil.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- local p <close> = assert(sb:spawn { "seq", "3", stdout = "pipe" })
--- for line in p.stdout:lines() do print(line) end   --> 1 2 3
--- ```
---@param ... "l"|"L"|"a"|"n"|integer
---@return fun(): string|number|nil iterator
function Stream:lines(...) end

--- Write strings and numbers to the program's stdin; *waits* while the program is slow to read. The code is `"EPIPE"`
--- when the program no longer reads.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- local p <close> = assert(sb:spawn { "head", "-n", "1", stdin = "pipe", stdout = "pipe" })
--- assert(p.stdin:write("first\n", "second\n"))
--- print(p.stdout:read("a"))   --> first
--- ```
---@param ... string|number
---@return lsandbox.Stream? stream itself
---@return string? message
---@return "EPIPE"? code
function Stream:write(...) end

--- Send the contents of the buffer (see `setvbuf`); *waits* as `write` does.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- local p <close> = assert(sb:spawn { "cat", stdin = "pipe", stdout = "pipe" })
--- p.stdin:setvbuf("full")
--- p.stdin:write("a", "b", "\n")
--- p.stdin:flush()
--- print(p.stdout:read("l"))   --> ab
--- ```
---@return lsandbox.Stream? stream itself
---@return string? message
---@return "EPIPE"? code
function Stream:flush() end

--- Set how stdin is buffered: `"no"` (the default), `"line"` or `"full"`, as `file:setvbuf`. See `flush`.
---@param mode "no"|"full"|"line"
---@param size? integer bytes, default 65536
---@return true? done
---@return string? message
---@return "EPIPE"? code
function Stream:setvbuf(mode, size) end

--- Close the stream. After stdin is closed, the program sees the end of its input. A program that writes to a closed
--- stdout gets SIGPIPE. A second call is harmless. `<close>` does the same.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- local p <close> = assert(sb:spawn { "yes", stdout = "pipe" })
--- print(p.stdout:read("l"))   --> y
--- p.stdout:close()
--- print(p:wait())             --> nil	signal	13
--- ```
---@return true done
function Stream:close() end

--- A task, from `lsandbox.task`. `<close>` cancels it.
---@class lsandbox.Task
local Task = {}

--- *Wait* until the task has ended and return its function's results. The function's error is raised, with its
--- traceback. The code is `"timeout"` when the time is over first, and `"cancelled"` for a cancelled task.
---
--- ```lua
--- local good = lsandbox.task(function(a, b) return a + b end, 1, 2)
--- local bad = lsandbox.task(function() error("no") end)
--- print(good:await())              --> 3
--- print((pcall(bad.await, bad)))   --> false
--- ```
---@param options? { timeout?: number } seconds; default: no limit
---@return any ... the results
function Task:await(options) end

--- The state of the task.
---
--- ```lua
--- local task = lsandbox.task(function() end)
--- print(task:status())   --> waiting
--- task:await()
--- print(task:status())   --> done
--- ```
---@return "waiting"|"running"|"done"|"failed"|"cancelled" status
function Task:status() end

--- End a task where it waits, and close its variables (`<close>`). A task that tries to cancel itself raises an error.
--- `<close>` of the task does the same.
---
--- ```lua
--- local task = lsandbox.task(lsandbox.sleep, 1000)
--- print(task:cancel())   --> true
--- print(task:status())   --> cancelled
--- print(task:cancel())   --> false
--- ```
---@return boolean cancelled false when the task had already ended
function Task:cancel() end

--- A connection to libvirt that is kept open, from `lsandbox.connect`.
---@class lsandbox.Connection
local Connection = {}

--- The URI that the connection was opened with.
---
--- ```lua container
--- local connection <close> = assert(lsandbox.connect("lxc:///"))
--- print(connection:uri())   --> lxc:///
--- ```
---@return string uri
function Connection:uri() end

--- `lsandbox.list` of this connection; *waits*.
---
--- ```lua container
--- local connection <close> = assert(lsandbox.connect("lxc:///"))
--- local sb <close> = assert(lsandbox.start { connect = connection, name = "listed-too" })
--- for _, entry in ipairs(assert(connection:list())) do
---   if entry.name == sb:name() then print(entry.state) end   --> running
--- end
--- ```
---@return lsandbox.ListEntry[]? entries
---@return string? message
---@return lsandbox.Code? code
---@return table<string, string>? details
function Connection:list() end

--- Release the connection. Sandboxes that use it keep it open. A second call is harmless. `<close>` does the same.
---
--- ```lua container
--- local connection = assert(lsandbox.connect("lxc:///"))
--- connection:close()
--- print((pcall(connection.list, connection)))   --> false
--- ```
function Connection:close() end

--- A watcher that reports changes of files, from `sb:watch`.
---@class lsandbox.Watcher
local Watcher = {}

--- The next change; *waits* for it. The code is `"timeout"` when no change came in time, `"stopped"` when the sandbox
--- ended, and `"not-found"` when the watched file or directory is gone.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- local w <close> = assert(sb:watch("/tmp"))
--- print(select(3, w:read { timeout = 0.05 }))   --> timeout
--- ```
---@param options? { timeout?: number } seconds; default: no limit
---@return lsandbox.WatchEvent? event
---@return string? message
---@return lsandbox.Code? code
---@return table<string, string>? details
function Watcher:read(options) end

--- An iterator over the results of `read`; *waits* at each step. It ends when the watched file or directory is gone,
--- and raises when the sandbox ends.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- local w <close> = assert(sb:watch("/tmp"))
--- assert(sb:run { "mkdir", "/tmp/a", "/tmp/b" })
--- for event in w:events() do
---   print(event.name)   --> a b
---   if event.name == "b" then break end
--- end
--- ```
---@return fun(): lsandbox.WatchEvent? iterator
function Watcher:events() end

--- Stop watching. A second call is harmless. `<close>` does the same.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- local w = assert(sb:watch("/tmp"))
--- w:close()
--- print((pcall(w.read, w)))   --> false
--- ```
function Watcher:close() end

--- A pool of sandboxes that wait to be taken, from `lsandbox.pool`. `<close>` closes it.
---@class lsandbox.Pool
local Pool = {}

--- Take a running sandbox that has never run a program; *waits* when none is ready. Callers are served in the order of
--- their calls. The caller owns the sandbox and closes it; the pool starts another one. A machine gets the present time
--- and fresh random numbers, however long it has waited.
---
--- The code is `"timeout"` when the time is over first, and `"stopped"` when the pool is closed meanwhile. When a start
--- fails, `take` returns its message and code; the code is `"invalid"` when the host has changed so that the recipe is
--- now wrong. When a start fails while nobody waits, the next `take` returns the error. The pool tries again after a
--- pause that grows from 0.1 s to 30 s, or at the next `take`.
---
--- ```lua
--- local pool <close> = lsandbox.pool { size = 1 }
--- local sb <close> = assert(pool:take { timeout = 60 })
--- print(sb:state())   --> running
--- ```
---@param options? { timeout?: number } seconds; default: no limit. 0 takes only what is ready
---@return lsandbox.Sandbox? sandbox
---@return string? message
---@return lsandbox.Code? code
---@return table<string, string>? details
function Pool:take(options) end

--- Give a sandbox back to the pool from which it was taken, which was made with `reuse = true`. The next caller of
--- `take` gets the sandbox with the files and background processes that were left in it, and with the changes of
--- `sb:tune`. The object is closed, as by `sb:close`, and watchers of its files end. The code is `"state"` when a
--- program is open in the sandbox, or the sandbox does not run; then the caller keeps it. With the next `take` its time
--- limits begin anew, and a machine gets the present time and fresh random numbers.
---
--- ```lua
--- local pool <close> = lsandbox.pool { size = 1, reuse = true }
--- for i = 1, 2 do
---   local sb <close> = assert(pool:take())
---   print(#assert(sb:list "/tmp"))   --> 0 1
---   assert(sb:write("/tmp/" .. i, ""))
---   assert(pool:give(sb))
--- end
--- ```
---@param sandbox lsandbox.Sandbox
---@return true? given
---@return string? message
---@return lsandbox.Code? code
function Pool:give(sandbox) end

--- How full the pool is.
---
--- ```lua
--- local pool <close> = lsandbox.pool { size = 2 }
--- local sb <close> = assert(pool:take())
--- while pool:stats().ready < 2 do lsandbox.sleep(0.01) end
--- print(pool:stats().taken)   --> 1
--- ```
---@return lsandbox.PoolStats stats
function Pool:stats() end

--- End all sandboxes that were not taken, including those that are starting; *waits* until nothing of them is left. A
--- `take` that waits returns the code `"stopped"`; later ones raise. A second call is harmless. `<close>` does the
--- same.
---
--- ```lua
--- local pool = lsandbox.pool { size = 1 }
--- local sb <close> = assert(pool:take())
--- pool:close()
--- print(sb:state())                     --> running
--- print((pcall(pool.take, pool)))       --> false
--- ```
function Pool:close() end

--- The description of a sandbox and its program, for a machine or a container. Every field is optional.
--- [recipe.md](recipe.md), lsandbox-recipe(5), explains each field with an example.
---@class lsandbox.Recipe
---@field [integer] string the program and its arguments
---@field command? string|string[] the same as a field: a program, or a list of a program and its arguments
---@field connect? string|lsandbox.Connection libvirt URI or connection; default `LIBVIRT_DEFAULT_URI`, else `"qemu:///embed"`
---@field name? string at most 64 letters, digits, `-`, `_`, `.`; default: a generated name that is unique
---@field hostname? string host name inside; default `"sandbox"`
---@field domainname? string NIS domain name inside; default: none
---@field timezone? string like `"Europe/Berlin"`, of the root's zones; default: the root's own
---@field security? lsandbox.Security security label, and a container's user namespace
---@field accel? "auto"|"kvm"|"tcg" how a machine's processor runs; default `"auto"`
---@field template? "auto"|"off"|"require" whether a machine starts from a template; default `"auto"`: when there is one, and the first start makes it
---@field memory? lsandbox.Size default `"256M"`; at least 128M for a machine, 16M for a container
---@field vcpus? integer processors, from 1 to 255; default 1
---@field max_vcpus? integer how many processors a machine may be given while it runs; default `vcpus`
---@field tuning? lsandbox.Tuning more limits
---@field overlay_size? lsandbox.Size how much may be written over the root; default: half of the memory, or `"1G"` with `overlay`
---@field root? string host directory, or disk image, that becomes the root filesystem; default `"/"`
---@field root_mode? "readonly"|"overlay" default `"readonly"`; with `"overlay"` writes go to memory and vanish
---@field overlay? string existing host directory in which a machine keeps what is written over the root
---@field home? string `"private"` (default), `"host"`, or a host directory
---@field mounts? lsandbox.Mount[] files and directories to show inside
---@field disks? lsandbox.Disk[] disks for programs to open: `/dev/disk/by-tag/TAG`
---@field include? (string|lsandbox.Include)[] host files and directories to copy into the sandbox
---@field network? lsandbox.Interface[]|lsandbox.Interface|"user" network interfaces beside `lo`; default: none
---@field dns? lsandbox.Dns name servers, for an `/etc/resolv.conf` of the sandbox's own
---@field hosts? table<string, string> IP addresses by name, for an `/etc/hosts` of the sandbox's own
---@field env? table<string, string|integer> variables to add to the clean environment
---@field cwd? string directory in which programs start; default `"/"`
---@field user? string|integer user that programs run as; default: the user who calls, or nobody when that is root
---@field group? string|integer primary group of programs; default: the user's
---@field groups? (string|integer)[] supplementary groups of programs; default: the user's
---@field privileged? boolean keep all capabilities inside, allow new privileges and every system call; default false
---@field capabilities? string[] names of the capabilities that programs keep; default: none
---@field no_new_privs? boolean programs cannot gain privileges; default true, false with `privileged`
---@field umask? lsandbox.Mode permission bits that new files do not get; default `"022"`
---@field seccomp? "none"|"default"|"no-network"|"strict"|false|lsandbox.Seccomp system calls that programs may make; default `"default"`, `"none"` if `privileged`
---@field timeout? number seconds after which the sandbox is ended
---@field idle_timeout? number seconds without activity after which the sandbox is ended
---@field boot_timeout? number seconds that the start may take
---@field max_output? lsandbox.Size how much of each stream `run` keeps, and one `read` takes; default `"64M"`, at most 1G
---@field rlimits? table<string, lsandbox.Rlimit> resource limits of programs: names of setrlimit(2) in small letters
---@field input? string stdin of the recipe's program
---@field tty? boolean give the recipe's program a terminal; default: only the command does, when it has one itself
---@field rows? integer lines of that terminal
---@field cols? integer columns of that terminal
---@field kernel? lsandbox.Kernel which kernel a machine boots
---@field qemu? lsandbox.Qemu arguments and environment that are passed on to a machine's QEMU
---@field devices? lsandbox.Device[] devices of the host for a machine
---@field graphics? lsandbox.Graphics a display for a machine
---@field labels? table<string, string> texts of your own, shown by `lsandbox.list` and `sb:info`
---@field version? 1 version of the form of saved recipes
---@field on? table<string, function> functions by event, as `sb:on` takes them; for `lsandbox.new`, `start` and `pool`

--- A recipe's `tuning`: limits on what the sandbox may use of the host, beyond its memory and processors.
---@class lsandbox.Tuning
---@field cpu? { shares?: integer, quota?: number, period?: integer, pinning?: string|string[], emulator?: { pinning?: string, quota?: number } }
---@field memory? { hard?: lsandbox.Size, soft?: lsandbox.Size, swap?: lsandbox.Size|0 }
---@field block? { weight?: integer, devices?: table<string, lsandbox.BlockRates>, disks?: table<string, lsandbox.BlockRates> }
---@field numa? { nodes: string, mode?: "strict"|"preferred"|"interleave" }
---@field pids? integer processes and threads; default 2048

--- Limits of a block device, per second.
---@class lsandbox.BlockRates
---@field read_bytes? lsandbox.Size
---@field write_bytes? lsandbox.Size
---@field read_iops? integer
---@field write_iops? integer
---@field weight? integer from 10 to 1000; only for a device

--- A system call filter: a profile with changes, or lists of your own.
---@class lsandbox.Seccomp
---@field profile? "none"|"default"|"no-network"|"strict" the profile to change; default `"default"`
---@field default? "allow"|"errno"|"kill" instead of a profile: what happens at calls that no list names
---@field errno? string|integer how refused calls fail; default `"EPERM"`
---@field allow? string[] names of system calls that are allowed
---@field deny? string[] names of system calls that fail
---@field kill? string[] names of system calls that end the program, by signal 31

--- A recipe's `security`.
---@class lsandbox.Security
---@field type? "dynamic"|"static"|"inherit"|"none" kind of the security label; default `"dynamic"`
---@field model? "selinux"|"apparmor"|"dac" security driver; default: the host's first
---@field label? string the label, for `"static"`
---@field baselabel? string for `"dynamic"`: the base that libvirt completes
---@field relabel? boolean label the sandbox's own files
---@field userns? boolean|"user"|{ uid: integer[][], gid: integer[][] } a container's user namespace; default true

--- One element of a recipe's `mounts`.
---@class lsandbox.Mount
---@field type "bind"|"ram"|"guest-bind"|"overlay"|"image" a file or directory of the host, memory, a directory of the sandbox, a writable view of a host directory, a disk image
---@field target string absolute path in the sandbox
---@field source? string absolute path on the host, or in the sandbox for `"guest-bind"`; a `"bind"` without one is temporary
---@field upper? string for an `"overlay"` in a container: a host directory that keeps the writes
---@field size? lsandbox.Size of a `"ram"` mount or of the writes of an `"overlay"`; default: half of the memory
---@field inodes? integer how many files a `"ram"` mount holds
---@field mode? string|integer permission bits of a `"ram"` mount; default `"1777"`
---@field readonly? boolean default true for `"bind"` with a source, `"guest-bind"` and `"image"`, else false
---@field nosuid? boolean default true
---@field nodev? boolean default true
---@field noexec? boolean default false
---@field format? "raw"|"qcow2" of an `"image"`; default: guessed
---@field filesystem? "ext4"|"xfs"|"btrfs"|"squashfs"|"erofs"|"iso9660"|"vfat" of an `"image"`; default: detected

--- One element of a recipe's `disks`.
---@class lsandbox.Disk
---@field tag string the disk's name inside: at most 20 letters, digits, `-`, `_`, `.`
---@field source string absolute path of a disk image of the host
---@field format? "raw"|"qcow2" default: guessed
---@field readonly? boolean default true

--- One element of a recipe's `include`, when it is more than a path.
---@class lsandbox.Include
---@field source? string absolute path on the host
---@field target? string absolute path in the sandbox; default: the same path
---@field mode? string|integer permission bits of the copy; default: the source's
---@field list? string instead of the others: a file with one path in each line

--- One element of a recipe's `network`.
---@class lsandbox.Interface
---@field type "user"|"network"|"bridge" QEMU's user networking (machines only), one of libvirt's networks, or a bridge of the host
---@field source? string the network's name, default `"default"`, or the bridge's
---@field addresses? (string|lsandbox.Address)[] such as `"192.168.5.2/24"`
---@field gateway? string router of the default route
---@field routes? lsandbox.Route[] more routes
---@field dhcp? boolean ask for a lease; default: true without `addresses`, except for `"user"`
---@field dns? lsandbox.Dns more name servers
---@field mac? string MAC address; default: a random one
---@field mtu? integer from 68 to 65535; for a container at most 1500
---@field filter? string|lsandbox.Filter one of libvirt's filters
---@field bandwidth? lsandbox.Bandwidth limits of what comes in and goes out

--- One of an interface's `addresses`.
---@class lsandbox.Address
---@field address string
---@field prefix integer number of bits that name the network
---@field broadcast? string for IPv4; default: the last address of the network

--- One of an interface's `routes`.
---@class lsandbox.Route
---@field to string `"default"`, or a network such as `"10.0.0.0/8"`
---@field via? string router; without one the network is reached directly

--- Name servers: one address, or a list of them.
---@alias lsandbox.Dns string|lsandbox.DnsTable

---@class lsandbox.DnsTable
---@field [integer] string IP address of a name server; at most three in all
---@field search? string|string[] domains in which names are looked up

--- An interface's `filter`.
---@class lsandbox.Filter
---@field name string the filter's name, as `virsh nwfilter-list` shows it
---@field parameters? table<string, string|integer|(string|integer)[]> the filter's variables, such as `IP`

--- An interface's `bandwidth`, as the sandbox sees it.
---@class lsandbox.Bandwidth
---@field inbound? lsandbox.Size|lsandbox.Rate
---@field outbound? lsandbox.Size|lsandbox.Rate

--- The limit of one direction.
---@class lsandbox.Rate
---@field average lsandbox.Size per second
---@field peak? lsandbox.Size per second; inbound only
---@field burst? lsandbox.Size at once

--- A recipe's `kernel`, for machines; a container runs on the host's kernel.
---@class lsandbox.Kernel
---@field version? string an installed kernel, by its name in `/lib/modules`
---@field path? string a kernel image
---@field modules? string the directory of the kernel's modules
---@field extra_modules? string[] more modules to load
---@field cmdline? string additional kernel arguments

--- A recipe's `qemu`; it taints the sandbox.
---@class lsandbox.Qemu
---@field args? string[] additional arguments of QEMU
---@field env? table<string, string|integer> additional variables of QEMU's environment

--- One element of a recipe's `devices`.
---@class lsandbox.Device
---@field type "usb"|"pci"
---@field vendor? integer for a USB device, with `product`
---@field product? integer
---@field bus? integer for a USB device, with `device`: where the device is
---@field device? integer
---@field address? string for a PCI device: `"0000:00:1f.0"`
---@field managed? boolean for a PCI device: take it from its driver, and give it back at the end; default false

--- A recipe's `graphics`.
---@class lsandbox.Graphics
---@field type "vnc"|"spice"
---@field socket? string path of the unix socket; default: a private one that `sb:info` names
---@field listen? string instead: an address of the host at which QEMU listens by TCP
---@field port? integer with `listen`
---@field password? string for VNC at most 8 bytes, for spice 59

--- Options of `sb:qemu_monitor`.
---@class lsandbox.MonitorOptions
---@field hmp? boolean the command is for the human monitor
---@field timeout? number seconds to wait for the reply

--- A program to run, for `exec`, `run` and `spawn`. Fields that it leaves out are as in the sandbox's recipe.
---@class lsandbox.ProgramTable
---@field [integer] string the program and its arguments
---@field command? string|string[] the same as a field
---@field env? table<string, string|integer> variables to add to the recipe's
---@field cwd? string directory in which the program starts
---@field user? string|integer user that the program runs as
---@field group? string|integer the program's primary group
---@field groups? (string|integer)[] the program's supplementary groups
---@field privileged? boolean keep all capabilities inside, allow new privileges and every system call
---@field capabilities? string[] names of the capabilities that the program keeps
---@field no_new_privs? boolean the program cannot gain privileges
---@field umask? lsandbox.Mode permission bits that new files do not get
---@field seccomp? "none"|"default"|"no-network"|"strict"|false|lsandbox.Seccomp system calls that the program may make
---@field timeout? number seconds after which the program is killed
---@field rlimits? table<string, lsandbox.Rlimit> resource limits to add to the recipe's
---@field max_output? lsandbox.Size like the recipe's
---@field input? string the program's stdin
---@field stdin? lsandbox.Stdio
---@field stdout? lsandbox.Stdio
---@field stderr? lsandbox.Stdio
---@field tty? boolean give the program a terminal of its own, with stdin and stdout as its two directions and without stderr
---@field rows? integer lines of the terminal; default 24
---@field cols? integer columns of the terminal; default 80

--- How a captured program ended.
---@class lsandbox.Result
---@field stdout string
---@field stderr string
---@field status integer? exit status; 127: not found, 126: not executable; nil when a signal ended it
---@field signal integer? number of the signal that ended it
---@field ok boolean whether the status is 0
---@field error string? why the program could not be executed
---@field limit "timeout"|"idle_timeout"|"max_output"|"memory"|"pids"|"cpu"|"fsize"|nil the limit that ended it
---@field stdout_truncated boolean? whether the program wrote more than is kept
---@field stderr_truncated boolean?

--- What `sb:info` returns.
---@class lsandbox.Info
---@field kernel string? the release of a machine's kernel
---@field accel "kvm"|"tcg"|nil how a machine's processor runs
---@field start "cold"|"template"|"saved"|"fork"|nil how the sandbox was started; nil before
---@field start_reason string? why a machine was not started from a template
---@field user string user that programs run as; like the next three, unless a program's own table says otherwise
---@field capabilities "all"|string[] capabilities that programs keep
---@field no_new_privs boolean whether programs are kept from gaining privileges
---@field seccomp string the profile of the system call filter, `"own"` for a filter without one, or `"none"`
---@field labels table<string, string> the recipe's
---@field tainted string[]? what was passed to QEMU unchecked: `"qemu.args"`, `"qemu.env"`, `"qemu_monitor"`; nil: nothing
---@field graphics { type: "vnc"|"spice", socket: string?, listen: string?, port: integer? }? where the display is, while it runs
---@field times { domain: number, hello: number, ready: number } milliseconds from the start until libvirt had created the domain, until the guest init spoke, and until the sandbox was ready

--- A part of what `sb:timeline` returns.
---@class lsandbox.Span
---@field name string what was done
---@field lane "host"|"libvirt"|"qemu"|"kernel"|"init"|"mounts"|"program"|"end" which part was at work; `mounts` is the guest init, too, and `program` the first program
---@field begun number milliseconds since the start
---@field ended number? milliseconds since the start; nil while the step goes on

--- What `sb:stats` returns.
---@class lsandbox.Stats
---@field cpu_time number seconds
---@field vcpus integer
---@field memory_limit integer bytes
---@field memory integer? bytes in use
---@field memory_peak integer? the most bytes that were in use, when a control group counts it
---@field pids integer? processes and threads of a container, including the guest init
---@field block { read_bytes: integer, read_requests: integer, write_bytes: integer, write_requests: integer } of all disks since the start
---@field net { rx_bytes: integer, rx_packets: integer, tx_bytes: integer, tx_packets: integer } of all interfaces since the start

--- The recipe of a pool, and the number of its sandboxes.
---@class lsandbox.PoolRecipe: lsandbox.Recipe
---@field size integer how many sandboxes the pool keeps, from 1 to 256
---@field reuse? boolean whether sandboxes that were taken count, and can be given back; default false

--- How full a pool is. A sandbox that is neither ready nor starting is being ended or handed over.
---@class lsandbox.PoolStats
---@field size integer how many sandboxes the pool keeps
---@field ready integer how many wait to be taken
---@field starting integer how many are being started
---@field waiting integer how many calls of `take` wait
---@field lent integer how many are taken and not given back, in a pool with `reuse`
---@field taken integer how many were taken since the pool was made
---@field error string? why the last start failed, until a start succeeds or a `take` has returned the error

--- The second argument of a function given to `sb:on`. Fields that do not apply are absent.
---@class lsandbox.EventInfo
---@field event string the event's name
---@field pid integer? process id of the program that ended
---@field status integer? exit status of that program
---@field signal integer? number of the signal that ended that program
---@field message string? why the sandbox, or the program, ended
---@field code lsandbox.Code? the reason, as the code of an error
---@field limit "timeout"|"idle_timeout"|"max_output"|"memory"|"pids"|"cpu"|"fsize"|nil the limit that ended it

--- What `lsandbox.list` returns for each domain.
---@class lsandbox.ListEntry
---@field name string
---@field uuid string
---@field state "running"|"paused"
---@field kind "machine"|"container"
---@field uri string
---@field labels table<string, string>
---@field tainted string[]? as in `sb:info`

--- Which sandbox `lsandbox.attach` takes.
---@class lsandbox.AttachOptions
---@field name string
---@field connect? string|lsandbox.Connection default: the default URI

--- The jobs of `lsandbox.gather`.
---@class lsandbox.GatherOptions
---@field [integer] lsandbox.Task|fun(): ...
---@field limit? integer how many run at once; default: all

--- What `lsandbox.fds` returns for each descriptor.
---@class lsandbox.PollEntry
---@field fd integer
---@field events "r"|"w"|"rw"

--- Options that every file operation has.
---@class lsandbox.FileOptions
---@field user? string|integer user with whose rights the operation runs; default: the sandbox's user

---@class lsandbox.CopyOptions: lsandbox.FileOptions
---@field progress? fun(bytes: integer, path: string) called while files are copied, with the bytes copied so far

---@class lsandbox.PullOptions: lsandbox.CopyOptions
---@field max? lsandbox.Size limit of all files together; more is an error; default `"1G"`

---@class lsandbox.ReadOptions: lsandbox.FileOptions
---@field offset? integer bytes to skip; default 0
---@field length? integer bytes to read at most; default: to the end
---@field max? lsandbox.Size limit of the file's size; more is an error; default: the sandbox's `max_output`

---@class lsandbox.WriteOptions: lsandbox.FileOptions
---@field mode? lsandbox.Mode default: the file's own, and `"0644"` for a new one
---@field append? boolean add to the end

---@class lsandbox.StatOptions: lsandbox.FileOptions
---@field follow? boolean look at the file that a symbolic link leads to; default true

---@class lsandbox.MkdirOptions: lsandbox.FileOptions
---@field parents? boolean make missing parents, and accept a directory that is already there
---@field mode? lsandbox.Mode default `"0755"`

---@class lsandbox.RemoveOptions: lsandbox.FileOptions
---@field recursive? boolean remove a directory with everything in it

--- What `push` and `pull` did.
---@class lsandbox.Summary
---@field files integer
---@field directories integer
---@field links integer
---@field bytes integer
---@field skipped string[] paths of special files, which are not copied; for a pull, the guest has written them

--- What `sb:stat` and `sb:list` return.
---@class lsandbox.Stat
---@field name string? only from `list`
---@field type "file"|"directory"|"link"|"fifo"|"socket"|"character device"|"block device"
---@field size integer bytes
---@field mode integer permission bits
---@field uid integer
---@field gid integer
---@field mtime number seconds since 1970
---@field mtime_nsec integer the nanoseconds of the same time, exactly
---@field target string? where a symbolic link leads

--- A change that a watcher reports.
---@class lsandbox.WatchEvent
---@field event "create"|"delete"|"modify"|"attrib"|"move-from"|"move-to"|"close-write"|"overflow"|"gone" `"overflow"`: some events were lost; `"gone"`: the watched file or directory is gone
---@field name string? of the file in a watched directory
---@field is_dir boolean? whether it is a directory
---@field cookie integer? the same for a `"move-from"` and its `"move-to"`

return lsandbox

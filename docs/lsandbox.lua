---@meta lsandbox

-- The one description of lsandbox's Lua API: editors read it as a stub (LuaCATS), and scripts/docs makes
-- docs/reference.md and lsandbox(3) from it. tests/docs.t runs the examples and compares the functions here
-- with those that the module registers.

--- `lsandbox` starts sandboxes made from the host's own root filesystem and runs programs in them.
---
--- Conventions:
---
--- - Misuse (a wrong type, an unknown key, a closed object) raises an error that names the field with its full
---   path: `mounts[2].target: expected absolute path, got "tmp"`.
--- - The environment failing returns `nil, message, code, details`. `message` says what was tried, what happened
---   and what to do; `code` is one of the short stable strings of [errors.md](errors.md); `details` is a table of
---   strings, or nil where there is nothing to add; of a failed boot `details.console` is the console's end.
---   So `assert(lsandbox.start {...})` does what one expects.
--- - A program's failure is a result, never an error.
--- - A call marked *waits* blocks its caller and turns GLib's default main context meanwhile; called in a task
---   (`lsandbox.task`) it yields instead, so that other tasks go on.
--- - Times are in seconds and may have fractions, sizes are in bytes (`1048576`) or strings with a binary unit
---   (`"64K"`, `"256MiB"`, `"1.5G"`), file modes are integers or octal strings (`"0755"`).
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

--- The stable name of an error; [errors.md](errors.md) says when each comes and what to do. Besides these there
--- are the names of the host's errno: `"ENOENT"`, `"EPIPE"` ...
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

--- What a program's stream is: `"pipe"` a stream of ours, `"inherit"` this process's own, `"null"` nothing, or a
--- Lua file opened with `io.open`.
---@alias lsandbox.Stdio "pipe"|"inherit"|"null"|file*

--- A resource limit: a number, a size, `"unlimited"`, or the soft and the hard limit apart.
---@alias lsandbox.Rlimit lsandbox.Size|"unlimited"|{ soft: lsandbox.Size, hard: lsandbox.Size }

--- Make a sandbox. Validates the recipe and touches nothing else: no connection is opened, nothing starts.
--- Raises when the recipe is wrong.
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

--- Start a sandbox, run the recipe's program with its output captured, destroy the sandbox; *waits* for all of it.
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

--- Open a connection to libvirt and keep it open, to be shared by several sandboxes (`connect = connection` in
--- their recipes); *waits*. Without one, each sandbox asks for its URI itself.
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

--- The domains on a connection that lsandbox started, in whichever process; *waits*. Other domains are left out.
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

--- Take hold of a sandbox that another process started; *waits*. Its life cycle can be watched and changed (`name`,
--- `uuid`, `uri`, `state`, `xml`, `stats`, `wait`, `pause`, `resume`, `stop`, `destroy`); its programs and files are
--- its owner's, and calls for them return the code `"unsupported"`. `close` lets go of it and does not end it.
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

--- Keep `size` sandboxes of one recipe started and waiting, so that one is there when it is wanted. Validates the
--- recipe and returns at once; the starts go on while something waits, a few at a time (twice as many as the host has
--- processors). Each sandbox has never run anything, is taken once, and is closed by who took it; another is started in
--- its place. One that dies while it waits is replaced.
---
--- With `reuse = true` there are never more than `size`, those that were taken included: who has taken one gives it back
--- with `pool:give`, and the next gets it with everything that was left in it. What is closed instead is replaced.
---
--- All fields of a recipe hold as in `lsandbox.start`, but those that only one sandbox can have, which raise: `name`,
--- `overlay`, `upper` of a mount, a display's `socket`, disks and image mounts that are not `readonly`. `timeout`,
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

--- Run a function as a task: a coroutine in which every call that waits yields, so that others go on. It starts
--- at the next turn of the loop, that is, when something waits. An error in a task that nobody awaits is written to
--- stderr.
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

--- Run several functions as tasks, or take tasks that run already, and wait for all of them; *waits*. Raises the
--- first error, once all have ended.
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
---@return table[] results for each job what `table.pack` makes of its results
function lsandbox.gather(jobs) end

--- Let a time pass; *waits*, so other tasks and the sandboxes go on.
---
--- ```lua
--- lsandbox.sleep(0.01)
--- ```
---@param seconds number
function lsandbox.sleep(seconds) end

--- Turn the loop once: for programs that have a loop of their own. A program that runs GLib's default main context
--- needs none of this. Raises in a task.
---
--- ```lua
--- local task = lsandbox.task(function() lsandbox.sleep(0.01) return "done" end)
--- while task:status() == "waiting" do lsandbox.step(1) end
--- print(task:await())   --> done
--- ```
---@param timeout? number seconds to wait for something to happen; default 0: do not wait
---@return boolean happened whether something did
function lsandbox.step(timeout) end

--- What a foreign poll loop has to watch before it calls `lsandbox.step(0)`. Ask again after each step.
---
--- ```lua
--- local fds, timeout = lsandbox.fds()
--- for _, item in ipairs(fds) do assert(item.fd >= 0 and #item.events > 0) end
--- print(timeout == nil or timeout >= 0)   --> true
--- ```
---@return lsandbox.PollEntry[] fds
---@return number? timeout seconds after which to call `step(0)` though nothing is ready; nil: never
function lsandbox.fds() end

--- A sandbox. It ends at the end of its scope (`local sb <close> = ...`), when it is collected, and when this
--- process ends, however that comes.
--- Write a recipe to a file: a table, or the recipe of a sandbox, in the form of [recipe.md](recipe.md#saved-recipes)
--- that `lsandbox.load` reads. The file is its owner's alone (mode 0600), and replaced as a whole or not at all. What
--- is no data, a function or an open file, raises with its field's name.
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

--- Let a machine go on that `sb:save` has saved, as a new sandbox that runs; *waits*. What was in its memory is there, the
--- host's directories are mounted anew, and it is somebody else: its name, its machine and boot ids, its random numbers
--- and its clock are new. Any number can go on from one directory, at once or later: they share what none of them
--- changes. `changes` is a recipe of which only `name`, `hostname`, `domainname`, `env`, `cwd`, `command`, `tty`,
--- `timeout`, `idle_timeout`, `boot_timeout`, `max_output`, `labels` and `on` may be there.
---
--- Every byte is compared with what was saved, and the directory must be this user's and nobody else's to write. It goes
--- on only where QEMU, libvirt, the kernel, the guest init and the processor are what they were: else the code is
--- `"stale-snapshot"`, and the message says which is not. Other codes: `"failed"` (damaged), `"no-permission"`,
--- `"ENOENT"`. There is no cold start in its place.
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

--- Read a recipe that was saved. The file is data, in Lua's syntax for tables of strings, numbers and booleans: nothing
--- in it is run, whoever wrote it. The recipe is not checked before it is used. The code is `"unsupported"` for a
--- recipe of a later lsandbox, `"failed"` for what is no recipe.
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

---@class lsandbox.Sandbox
local Sandbox = {}

--- Start a sandbox that `lsandbox.new` made; *waits*. A sandbox is started once: again is the code `"state"`.
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

--- Ask the guest to end: what runs is killed, what is mounted is unmounted; *waits*. When it has not done so in
--- time it is destroyed, and the code is `"timeout"`.
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

--- End the sandbox at once, without asking it; *waits*. Harmless when it has ended.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- sb:destroy()
--- print(sb:state())   --> stopped
--- ```
---@return true done
function Sandbox:destroy() end

--- Destroy the sandbox and let go of it; *waits*. Harmless twice; other methods raise afterwards, but for `state`.
--- Also `<close>` and the finaliser.
---
--- ```lua
--- local sb = assert(lsandbox.start {})
--- sb:close()
--- print(sb:state())                         --> closed
--- print((pcall(sb.exec, sb, { "true" })))   --> false
--- ```
function Sandbox:close() end

--- Halt every process of the sandbox until `resume`; *waits*. Timeouts go on counting.
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

--- Let a paused sandbox go on; *waits*. See `pause`.
---@return true? done
---@return string? message
---@return lsandbox.Code? code
---@return table<string, string>? details
function Sandbox:resume() end

--- *Wait* until the sandbox has ended: `true, "stopped"` when it stopped or was destroyed. When a limit ended it, or it
--- crashed, the reason comes as an error: the codes `"timeout"`, `"idle-timeout"`, `"stopped"`, `"protocol"`. The code
--- is `"timeout"` also when it still runs after that time; `state` tells which.
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

--- The state that the sandbox is in.
---
--- ```lua
--- print(lsandbox.new({}):state())   --> new
--- ```
---@return "new"|"starting"|"running"|"paused"|"stopped"|"closed" state
function Sandbox:state() end

--- The sandbox's name, which is its domain's in libvirt: the recipe's, or a unique one.
---
--- ```lua
--- print(lsandbox.new({ name = "workshop" }):name())   --> workshop
--- ```
---@return string name
function Sandbox:name() end

--- The UUID of its domain.
---
--- ```lua
--- local sb <close> = lsandbox.new {}
--- print(#sb:uuid())   --> 36
--- ```
---@return string uuid
function Sandbox:uuid() end

--- The libvirt URI that the sandbox is on.
---
--- ```lua container
--- print(lsandbox.new({ connect = "lxc:///" }):uri())   --> lxc:///
--- ```
---@return string uri
function Sandbox:uri() end

--- The domain XML that libvirt gets. Finds out what goes into it (kernel, emulator), so it can fail as `start` can.
---
--- ```lua
--- print(assert(lsandbox.new({}):xml()):match("^<domain"))   --> <domain
--- ```
---@return string? xml
---@return string? message
---@return lsandbox.Code? code
---@return table<string, string>? details
function Sandbox:xml() end

--- The end of the boot console: what a machine's kernel and the guest init said. The guest wrote it; what is not
--- printable is taken out. At most a few KiB.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- print(type(sb:log()))   --> string
--- ```
---@return string log
function Sandbox:log() end

--- What the sandbox was made of and how long its start took.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- print(sb:info().times.ready > 0)   --> true
--- ```
---@return lsandbox.Info info
function Sandbox:info() end

--- Where the time of the start went, and of the end once that has begun: a span for each step of the host, and for
--- each that the guest init tells of (a hostile guest can tell what it likes of its own time, between the making of its
--- domain and its being ready). `lsandbox run --trace` draws the same. Empty before the start. The second list has what
--- there is to say about this start in words.
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

--- The recipe that the sandbox was made from, as a table that can be changed, saved and given to `lsandbox.start`:
--- what was said, with `command` as a list, and `connect` and `version` filled in. Event functions are left out. Of an
--- attached sandbox: nil, and the code `"unsupported"`.
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

--- Save a machine that runs into a new directory, which is its owner's alone: for `lsandbox.restore`; *waits*. It runs on
--- afterwards, as somebody else: its machine and boot ids are new, too.
---
--- Saved is what the machine has in its memory: files in `ram` mounts, `/tmp`, `/run`, `/dev/shm` and a private home,
--- what was included, what an overlay in memory took over the root or a directory, and the kernel's own state. Whatever
--- is the host's is unmounted before and mounted again after, so no program may be open or left behind in it; the message
--- names those that are, and the code is `"state"`. The code is `"unsupported"` for a container, and for a machine with
--- disks, images, devices, interfaces other than of the type `"user"` without `dhcp`, graphics, arguments for QEMU, or an
--- overlay that keeps what it takes; `"EEXIST"`
--- where there is something at `path`. The directory takes as much of the disk as the memory that was in use.
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

--- Make `n` machines, 1 to 64, that go on from where this one is, which runs on itself; *waits*. As `sb:save` and
--- `lsandbox.restore` in one, without a directory to keep: each has what is in this one's memory, is somebody else, and
--- shares with the others what none of them changes. Where one does not start, none is there.
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

--- Give a command to the monitor of a machine's QEMU and return the reply; *waits*. The command is QMP, a string of
--- JSON; with `hmp = true` a line for the human monitor. QMP's own errors are in the reply. From then on the sandbox is
--- tainted: `sb:info().tainted` says so, and the event `"tainted"` comes. A container has no QEMU: the code is
--- `"unsupported"`.
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

--- What the sandbox uses; *waits*. Fields that its kind of sandbox does not measure are absent.
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

--- Give the sandbox other limits while it runs; *waits*. They are named as in a recipe, and what is not named stays
--- as it is. A container can be given another `memory`; a machine another number of `vcpus`, up to its `max_vcpus`,
--- and its interfaces, in the recipe's order, another bandwidth (`network = { { bandwidth = { inbound = "2M" } } }`);
--- both another `tuning.cpu` (`shares`, `quota`, `period`), `tuning.memory` and `tuning.block`; a container another
--- `tuning.pids`. What a kind or the host cannot do has the code `"unsupported"`. Raises where the table is wrong.
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

--- Call a function when something happens to the sandbox. It runs as a task, with the sandbox and what happened as
--- its arguments. Any number of functions may listen to an event. Events: `"started"`, `"program-ended"`, `"stopped"`,
--- `"crashed"`, `"timeout"`, `"output-limit"`, `"tainted"` (something reached past lsandbox into QEMU).
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

--- Run a program with this process's stdin, stdout and stderr; *waits* until it has ended. The results are those of
--- `os.execute`. When the program could not be executed the status is 126 or 127 and a message follows; when a limit
--- ended it, a fourth value names the limit. When the sandbox ended before the program, the code says why: `"stopped"`,
--- `"timeout"`, `"idle-timeout"` ...
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

--- Run a program with its output captured; *waits* until it has ended.
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

--- Another name of `run`.
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

--- Start a program and return at once. Its stdin is `"null"`, stdout and stderr are `"inherit"`, unless the table says
--- otherwise.
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

--- Copy a file or a tree of the host into the sandbox, with modes and times; *waits*. Symbolic links are copied as
--- links. What is neither file, directory nor link is skipped and listed. The target is the copy's own name, or with a
--- `/` at its end the directory to put it in. Directories that are there are filled, files are replaced.
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

--- Copy a file or a tree of the sandbox to the host, as `push` does the other way; *waits*. Nothing is written outside
--- the target, whatever the guest says, and of modes only the permission bits are kept. The code is `"output-limit"`
--- when there is more than `max`.
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

--- Read a file of the sandbox; *waits*. The code is `"output-limit"` when it is larger than `max`.
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

--- Write a file of the sandbox, replacing what it held; *waits*.
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

--- What a directory of the sandbox holds, sorted by name; *waits*.
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

--- What a path of the sandbox is; *waits*.
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

--- Watch a file or a directory of the sandbox, as inotify(7) does; *waits* until the watch stands. What the host
--- changes in a bind mount may go unseen.
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

--- A program that runs in a sandbox, from `sb:spawn`. `<close>` kills it; when it is merely collected it goes on.
---@class lsandbox.Program
---@field stdin lsandbox.Stream? for writing, where the table said `stdin = "pipe"` or `tty = true`
---@field stdout lsandbox.Stream? for reading, where it said `stdout = "pipe"` or `tty = true`
---@field stderr lsandbox.Stream? for reading, where it said `stderr = "pipe"`
local Program = {}

--- *Wait* until the program has ended. Results as those of `sb:exec`; the code is `"timeout"` when it still runs
--- after that time, and `"stopped"` when the sandbox ended before it.
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

--- Send a signal to the program and its children (its process group). Harmless when it has ended.
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

--- Its process id inside the sandbox; *waits* until it has started.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- local p <close> = assert(sb:spawn { "sh", "-c", "echo $$", stdout = "pipe" })
--- print(tostring(p:pid()) == p.stdout:read("l"))   --> true
--- ```
---@return integer? pid nil when it could not be started
function Program:pid() end

--- Tell the program's terminal its new size. Raises for a program without `tty = true`.
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

--- Kill the program if it runs, and let go of it. Harmless twice. Also `<close>`.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- local p = assert(sb:spawn { "sleep", "1000" })
--- p:close()
--- print((pcall(p.wait, p)))   --> false
--- ```
function Program:close() end

--- One end of a program's stdin, stdout or stderr, with the methods of Lua's files. Memory for what nobody reads is
--- bounded; a program that writes more waits.
---@class lsandbox.Stream
local Stream = {}

--- Read by formats, as `file:read` does: `"l"` (the default), `"L"`, `"a"`, `"n"`, or a number of bytes; *waits*.
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

--- An iterator over what `read` gives; *waits* at each step.
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
--- when it reads no more.
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

--- Send what a buffer holds (see `setvbuf`); *waits* as `write` does.
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

--- How stdin is buffered: `"no"` (the default), `"line"` or `"full"`, as `file:setvbuf`. See `flush`.
---@param mode "no"|"full"|"line"
---@param size? integer bytes, default 65536
---@return true? done
---@return string? message
---@return "EPIPE"? code
function Stream:setvbuf(mode, size) end

--- Close the stream: on stdin the program then sees the end of its input; one that writes to a closed stdout gets
--- SIGPIPE. Harmless twice. Also `<close>`.
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

--- *Wait* until the task has ended and return its function's results. Raises the function's error, with its
--- traceback; when the time is over first, returns the code `"timeout"`; of a cancelled task, `"cancelled"`.
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

--- How far the task is.
---
--- ```lua
--- local task = lsandbox.task(function() end)
--- print(task:status())   --> waiting
--- task:await()
--- print(task:status())   --> done
--- ```
---@return "waiting"|"running"|"done"|"failed"|"cancelled" status
function Task:status() end

--- End a task where it waits; its variables are closed (`<close>`). A task cannot cancel itself: that raises. Also
--- `<close>` of the task.
---
--- ```lua
--- local task = lsandbox.task(lsandbox.sleep, 1000)
--- print(task:cancel())   --> true
--- print(task:status())   --> cancelled
--- print(task:cancel())   --> false
--- ```
---@return boolean cancelled false when it had ended
function Task:cancel() end

--- A connection to libvirt that is kept open, from `lsandbox.connect`.
---@class lsandbox.Connection
local Connection = {}

--- The URI it was opened with.
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

--- Let go of the connection. Sandboxes on it keep theirs. Harmless twice. Also `<close>`.
---
--- ```lua container
--- local connection = assert(lsandbox.connect("lxc:///"))
--- connection:close()
--- print((pcall(connection.list, connection)))   --> false
--- ```
function Connection:close() end

--- What tells of changes to files, from `sb:watch`.
---@class lsandbox.Watcher
local Watcher = {}

--- The next change; *waits* for it. The code is `"timeout"` when none came in time, `"stopped"` when the sandbox ended,
--- `"not-found"` when what was watched is gone.
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

--- An iterator over what `read` gives; *waits* at each step, and ends when what is watched is gone. Raises when the
--- sandbox ends.
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

--- Stop watching. Harmless twice. Also `<close>`.
---
--- ```lua
--- local sb <close> = assert(lsandbox.start {})
--- local w = assert(sb:watch("/tmp"))
--- w:close()
--- print((pcall(w.read, w)))   --> false
--- ```
function Watcher:close() end

--- Sandboxes that wait to be taken, from `lsandbox.pool`. `<close>` closes it.
---@class lsandbox.Pool
local Pool = {}

--- A sandbox that runs and has never run anything; *waits* where none is ready, and gets the first that is: many who ask
--- are served in the order of asking. It is the taker's, to be closed by it; the pool starts another. A machine's clock
--- and random numbers are made fresh, however long it has waited.
---
--- When the time is over first, the code is `"timeout"`; when the pool is closed meanwhile, `"stopped"`. A start that
--- fails gives its own code, `"invalid"` where the host has changed so that the recipe is wrong by now. One that failed
--- while nobody waited is told to the next who does; it is tried again after a pause that grows from 0.1 s to 30 s, or as
--- soon as somebody asks.
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

--- Give a sandbox back that was taken from this pool, made with `reuse = true`: the next who asks gets it, with the files
--- and background processes that were left in it, and with what `sb:tune` has changed. The object is closed, as by
--- `sb:close`; watchers of its files end. The code is `"state"` where a program is open in it, or it does not run: it is
--- the taker's as before then. Its time limits begin anew with the next take, and a machine's clock and random numbers are
--- made fresh.
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

--- How full it is.
---
--- ```lua
--- local pool <close> = lsandbox.pool { size = 2 }
--- local sb <close> = assert(pool:take())
--- while pool:stats().ready < 2 do lsandbox.sleep(0.01) end
--- print(pool:stats().taken)   --> 1
--- ```
---@return lsandbox.PoolStats stats
function Pool:stats() end

--- End all that were not taken, those that are starting too, and wait until nothing of them is left; *waits*. Harmless
--- twice. Also `<close>`. Who waits in `take` is told `"stopped"`; after that `take` raises.
---
--- ```lua
--- local pool = lsandbox.pool { size = 1 }
--- local sb <close> = assert(pool:take())
--- pool:close()
--- print(sb:state())                     --> running
--- print((pcall(pool.take, pool)))       --> false
--- ```
function Pool:close() end

--- A description of a sandbox, and of the program it is for; the same for a machine and a container. Every field may
--- be left out. [recipe.md](recipe.md), lsandbox-recipe(5), has an example of each.
---@class lsandbox.Recipe
---@field [integer] string the program and its arguments
---@field command? string|string[] the same as a field: a program, or a list of a program and its arguments
---@field connect? string|lsandbox.Connection libvirt URI or connection; default `LIBVIRT_DEFAULT_URI`, else `"qemu:///embed"`
---@field name? string at most 64 letters, digits, `-`, `_`, `.`; default: a unique one
---@field hostname? string host name inside; default `"sandbox"`
---@field domainname? string NIS domain name inside; default: none
---@field timezone? string like `"Europe/Berlin"`, of the root's zones; default: the root's own
---@field security? lsandbox.Security security label, and a container's user namespace
---@field accel? "auto"|"kvm"|"tcg" how a machine's processor runs; default `"auto"`
---@field template? "auto"|"off"|"require" whether a machine starts from a template; default `"auto"`: where there is one, and the first start makes it
---@field memory? lsandbox.Size default `"256M"`; at least 128M for a machine, 16M for a container
---@field vcpus? integer processors, from 1 to 255; default 1
---@field max_vcpus? integer how many a machine may get while it runs; default `vcpus`
---@field tuning? lsandbox.Tuning more limits
---@field overlay_size? lsandbox.Size of what is written over the root; default: half of the memory, or `"1G"` with `overlay`
---@field root? string host directory, or disk image, that becomes the root filesystem; default `"/"`
---@field root_mode? "readonly"|"overlay" default `"readonly"`; with `"overlay"` writes go to memory and vanish
---@field overlay? string existing host directory in which a machine keeps what is written over the root
---@field home? string `"private"` (default), `"host"`, or a host directory
---@field mounts? lsandbox.Mount[] what else is to be seen inside
---@field disks? lsandbox.Disk[] disks for programs to open: `/dev/disk/by-tag/TAG`
---@field include? (string|lsandbox.Include)[] host files and directories to have copies of
---@field network? lsandbox.Interface[]|lsandbox.Interface|"user" the interfaces it has besides `lo`; default none
---@field dns? lsandbox.Dns name servers: its own `/etc/resolv.conf`
---@field hosts? table<string, string> IP addresses by name: its own `/etc/hosts`
---@field env? table<string, string|integer> added to the clean environment
---@field cwd? string directory that programs start in; default `"/"`
---@field user? string|integer who programs run as; default: the invoking user, nobody for root
---@field group? string|integer their primary group; default: the user's
---@field groups? (string|integer)[] their supplementary groups; default: the user's
---@field privileged? boolean keep all capabilities inside, allow new privileges and every system call; default false
---@field capabilities? string[] names of the capabilities that are kept; default: none
---@field no_new_privs? boolean nothing they start gains privileges; default true, false with `privileged`
---@field umask? lsandbox.Mode of the files they make; default `"022"`
---@field seccomp? "none"|"default"|"no-network"|"strict"|false|lsandbox.Seccomp system calls they may make; default `"default"`, `"none"` if `privileged`
---@field timeout? number seconds after which the sandbox is ended
---@field idle_timeout? number seconds in which nothing happens in it, after which it is ended
---@field boot_timeout? number seconds that the start may take
---@field max_output? lsandbox.Size how much of each stream `run` keeps; default `"64M"`, at most 1G
---@field rlimits? table<string, lsandbox.Rlimit> resource limits of programs: names of setrlimit(2) in small letters
---@field input? string stdin of the recipe's program
---@field tty? boolean give the recipe's program a terminal; default: the command does where it has one itself
---@field rows? integer lines of that terminal
---@field cols? integer columns of that terminal
---@field kernel? lsandbox.Kernel which kernel a machine boots
---@field qemu? lsandbox.Qemu what goes past lsandbox to a machine's QEMU
---@field devices? lsandbox.Device[] devices of the host for a machine
---@field graphics? lsandbox.Graphics a display for a machine
---@field labels? table<string, string> free metadata, shown by `lsandbox.list` and `sb:info`
---@field version? 1 of the saved form
---@field on? table<string, function> functions by event, as `sb:on` takes them; for `lsandbox.new`, `start` and `pool`

--- A recipe's `tuning`: what the sandbox may use of the host, beyond its memory and processors.
---@class lsandbox.Tuning
---@field cpu? { shares?: integer, quota?: number, period?: integer, pinning?: string|string[], emulator?: { pinning?: string, quota?: number } }
---@field memory? { hard?: lsandbox.Size, soft?: lsandbox.Size, swap?: lsandbox.Size|0 }
---@field block? { weight?: integer, devices?: table<string, lsandbox.BlockRates>, disks?: table<string, lsandbox.BlockRates> }
---@field numa? { nodes: string, mode?: "strict"|"preferred"|"interleave" }
---@field pids? integer processes and threads; default 2048

--- Rates of a block device in a second.
---@class lsandbox.BlockRates
---@field read_bytes? lsandbox.Size
---@field write_bytes? lsandbox.Size
---@field read_iops? integer
---@field write_iops? integer
---@field weight? integer from 10 to 1000; of a device

--- A system call filter: a profile that is changed, or lists of one's own.
---@class lsandbox.Seccomp
---@field profile? "none"|"default"|"no-network"|"strict" what to start from; default `"default"`
---@field default? "allow"|"errno"|"kill" instead of a profile: what happens at calls that no list names
---@field errno? string|integer how refused calls fail; default `"EPERM"`
---@field allow? string[] names of system calls that are allowed
---@field deny? string[] names of those that fail
---@field kill? string[] names of those that end the program, by signal 31

--- A recipe's `security`.
---@class lsandbox.Security
---@field type? "dynamic"|"static"|"inherit"|"none" of the security label; default `"dynamic"`
---@field model? "selinux"|"apparmor"|"dac" whose label; default: the host's first
---@field label? string for `"static"`
---@field baselabel? string for `"dynamic"`: what the label is made from
---@field relabel? boolean label the files that are used
---@field userns? boolean|"user"|{ uid: integer[][], gid: integer[][] } a container's user namespace; default true

--- One element of a recipe's `mounts`.
---@class lsandbox.Mount
---@field type "bind"|"ram"|"guest-bind"|"overlay"|"image" of the host, of memory, of the sandbox, of a directory that stays as it is, of a disk image
---@field target string absolute path in the sandbox
---@field source? string absolute path: of the host, of the sandbox for `"guest-bind"`; a `"bind"` without one is temporary
---@field upper? string of an `"overlay"` in a container: host directory that keeps the writes
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
---@field tag string its name inside: at most 20 letters, digits, `-`, `_`, `.`
---@field source string absolute path of a disk image of the host
---@field format? "raw"|"qcow2" default: guessed
---@field readonly? boolean default true

--- One element of a recipe's `include`, where it is no plain path.
---@class lsandbox.Include
---@field source? string absolute path on the host
---@field target? string absolute path in the sandbox; default: the same
---@field mode? string|integer permission bits of the copy; default: the source's
---@field list? string instead of the others: a file with a path a line

--- One element of a recipe's `network`.
---@class lsandbox.Interface
---@field type "user"|"network"|"bridge" QEMU's user networking (machines only), a network of libvirt's, or a bridge of the host
---@field source? string the network's name, default `"default"`, or the bridge's
---@field addresses? (string|lsandbox.Address)[] such as `"192.168.5.2/24"`
---@field gateway? string router of the default route
---@field routes? lsandbox.Route[] more routes
---@field dhcp? boolean ask for a lease; default: true without `addresses`, but for `"user"`
---@field dns? lsandbox.Dns more name servers
---@field mac? string MAC address; default: a random one
---@field mtu? integer from 68 to 65535; for a container at most 1500
---@field filter? string|lsandbox.Filter one of libvirt's filters
---@field bandwidth? lsandbox.Bandwidth what may come in and go out

--- One of an interface's `addresses`.
---@class lsandbox.Address
---@field address string
---@field prefix integer how many bits of it are the network's
---@field broadcast? string for IPv4; default: the last address of the network

--- One of an interface's `routes`.
---@class lsandbox.Route
---@field to string `"default"`, or a network such as `"10.0.0.0/8"`
---@field via? string router; without one the network is reached directly

--- Name servers: one address, or a list of them.
---@alias lsandbox.Dns string|lsandbox.DnsTable

---@class lsandbox.DnsTable
---@field [integer] string IP address of a name server; at most three in all
---@field search? string|string[] domains in which names are looked for

--- An interface's `filter`.
---@class lsandbox.Filter
---@field name string as `virsh nwfilter-list` shows it
---@field parameters? table<string, string|integer|(string|integer)[]> its variables, such as `IP`

--- An interface's `bandwidth`, as the sandbox sees it.
---@class lsandbox.Bandwidth
---@field inbound? lsandbox.Size|lsandbox.Rate
---@field outbound? lsandbox.Size|lsandbox.Rate

--- A limit of one direction.
---@class lsandbox.Rate
---@field average lsandbox.Size a second
---@field peak? lsandbox.Size a second; inbound only
---@field burst? lsandbox.Size at once

--- A recipe's `kernel`: for machines, a container runs on the host's own.
---@class lsandbox.Kernel
---@field version? string an installed kernel, as in `/lib/modules`
---@field path? string a kernel image
---@field modules? string the directory of its modules
---@field extra_modules? string[] more modules to load
---@field cmdline? string more kernel arguments

--- A recipe's `qemu`: the sandbox then is tainted.
---@class lsandbox.Qemu
---@field args? string[] more arguments of QEMU
---@field env? table<string, string|integer> more variables of its environment

--- One element of a recipe's `devices`.
---@class lsandbox.Device
---@field type "usb"|"pci"
---@field vendor? integer of a USB device, with `product`
---@field product? integer
---@field bus? integer of a USB device, with `device`: where it is
---@field device? integer
---@field address? string of a PCI device: `"0000:00:1f.0"`
---@field managed? boolean of a PCI device: take it from its driver, and give it back at the end; default false

--- A recipe's `graphics`.
---@class lsandbox.Graphics
---@field type "vnc"|"spice"
---@field socket? string path of the unix socket; default: a private one that `sb:info` names
---@field listen? string an address of the host to listen at by TCP instead
---@field port? integer with `listen`
---@field password? string for VNC at most 8 bytes, for spice 59

--- Options of `sb:qemu_monitor`.
---@class lsandbox.MonitorOptions
---@field hmp? boolean the command is for the human monitor
---@field timeout? number seconds to wait for the reply

--- A program to run, for `exec`, `run` and `spawn`. What it leaves out is as in the sandbox's recipe.
---@class lsandbox.ProgramTable
---@field [integer] string the program and its arguments
---@field command? string|string[] the same as a field
---@field env? table<string, string|integer> added to the recipe's
---@field cwd? string directory to start in
---@field user? string|integer who it runs as
---@field group? string|integer its primary group
---@field groups? (string|integer)[] its supplementary groups
---@field privileged? boolean keep all capabilities inside, allow new privileges and every system call
---@field capabilities? string[] names of the capabilities that are kept
---@field no_new_privs? boolean nothing it starts gains privileges
---@field umask? lsandbox.Mode of the files it makes
---@field seccomp? "none"|"default"|"no-network"|"strict"|false|lsandbox.Seccomp which system calls it may make
---@field timeout? number seconds after which it is killed
---@field rlimits? table<string, lsandbox.Rlimit> added to the recipe's
---@field max_output? lsandbox.Size as the recipe's
---@field input? string its stdin
---@field stdin? lsandbox.Stdio
---@field stdout? lsandbox.Stdio
---@field stderr? lsandbox.Stdio
---@field tty? boolean give it a terminal of its own: stdin and stdout are its two directions, stderr is not given
---@field rows? integer lines of the terminal; default 24
---@field cols? integer columns of the terminal; default 80

--- How a captured program ended.
---@class lsandbox.Result
---@field stdout string
---@field stderr string
---@field status integer? exit status; 127: not found, 126: not executable; nil when a signal ended it
---@field signal integer? number of the signal that ended it
---@field ok boolean whether the status is 0
---@field error string? why it could not be executed
---@field limit "timeout"|"idle_timeout"|"max_output"|"memory"|"pids"|"cpu"|"fsize"|nil the limit that ended it
---@field stdout_truncated boolean? whether it wrote more than is kept
---@field stderr_truncated boolean?

--- What `sb:info` returns.
---@class lsandbox.Info
---@field kernel string? the release of a machine's kernel
---@field accel "kvm"|"tcg"|nil how a machine's processor runs
---@field start "cold"|"template"|"saved"|"fork"|nil how it was started; nil before
---@field start_reason string? why a machine was not started from a template
---@field user string who programs run as, as this and what follows is where a program's own table says nothing else
---@field capabilities "all"|string[] what they keep
---@field no_new_privs boolean whether they can gain no privileges
---@field seccomp string the profile of their system call filter, `"own"` for a filter without one, or `"none"`
---@field labels table<string, string> the recipe's
---@field tainted string[]? what reached past lsandbox into QEMU: `"qemu.args"`, `"qemu.env"`, `"qemu_monitor"`; nil: nothing
---@field graphics { type: "vnc"|"spice", socket: string?, listen: string?, port: integer? }? where the display is, while it runs
---@field times { domain: number, hello: number, ready: number } in milliseconds: libvirt's part, until the guest init spoke, until it was ready

--- A part of what `sb:timeline` returns.
---@class lsandbox.Span
---@field name string what was done
---@field lane "host"|"libvirt"|"qemu"|"kernel"|"init"|"mounts"|"program"|"end" who did it; `mounts` is the guest init, too, and `program` the first program
---@field begun number milliseconds since the start
---@field ended number? the same; nil while it goes on

--- What `sb:stats` returns.
---@class lsandbox.Stats
---@field cpu_time number seconds
---@field vcpus integer
---@field memory_limit integer bytes
---@field memory integer? bytes in use
---@field memory_peak integer? bytes: the most that was in use; where a control group counts it
---@field pids integer? processes and threads, the guest init too; of a container
---@field block { read_bytes: integer, read_requests: integer, write_bytes: integer, write_requests: integer } of all disks since the start
---@field net { rx_bytes: integer, rx_packets: integer, tx_bytes: integer, tx_packets: integer } of all interfaces since the start

--- A recipe, and how many.
---@class lsandbox.PoolRecipe: lsandbox.Recipe
---@field size integer how many sandboxes the pool keeps, from 1 to 256
---@field reuse? boolean whether those that were taken count, and can be given back; default false

--- How full a pool is. What is neither ready nor starting is on its way to its end, or to its taker.
---@class lsandbox.PoolStats
---@field size integer how many it keeps
---@field ready integer that wait to be taken
---@field starting integer that are being started
---@field waiting integer calls of `take` that wait
---@field lent integer with those who took them; of a pool with `reuse`
---@field taken integer that were taken since the pool was made
---@field error string? why the last start failed, until one succeeds or somebody was told

--- What a function given to `sb:on` is told; only what applies is there.
---@class lsandbox.EventInfo
---@field event string its name
---@field pid integer? of the program that ended
---@field status integer? its exit status
---@field signal integer? number of the signal that ended it
---@field message string? why the sandbox, or the program, ended
---@field code lsandbox.Code? the same as an error's code
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
---@field user? string|integer whose rights it has; default: the sandbox's user

---@class lsandbox.CopyOptions: lsandbox.FileOptions
---@field progress? fun(bytes: integer, path: string) called as bytes are copied, with those copied so far

---@class lsandbox.PullOptions: lsandbox.CopyOptions
---@field max? lsandbox.Size of all files together, more is an error; default `"1G"`

---@class lsandbox.ReadOptions: lsandbox.FileOptions
---@field offset? integer bytes to skip; default 0
---@field length? integer bytes to read at most; default: to the end
---@field max? lsandbox.Size more is an error; default: the sandbox's `max_output`

---@class lsandbox.WriteOptions: lsandbox.FileOptions
---@field mode? lsandbox.Mode default: the file's own, and `"0644"` for a new one
---@field append? boolean add to the end

---@class lsandbox.StatOptions: lsandbox.FileOptions
---@field follow? boolean look at what a symbolic link leads to; default true

---@class lsandbox.MkdirOptions: lsandbox.FileOptions
---@field parents? boolean make what is missing above it, and take it if it is there
---@field mode? lsandbox.Mode default `"0755"`

---@class lsandbox.RemoveOptions: lsandbox.FileOptions
---@field recursive? boolean with all that a directory holds

--- What `push` and `pull` did.
---@class lsandbox.Summary
---@field files integer
---@field directories integer
---@field links integer
---@field bytes integer
---@field skipped string[] paths of what is neither file, directory nor link; of a pull, the guest's words

--- What `sb:stat` and `sb:list` return.
---@class lsandbox.Stat
---@field name string? only from `list`
---@field type "file"|"directory"|"link"|"fifo"|"socket"|"character device"|"block device"
---@field size integer bytes
---@field mode integer permission bits
---@field uid integer
---@field gid integer
---@field mtime number seconds since 1970
---@field mtime_nsec integer the nanoseconds of that, exactly
---@field target string? where a symbolic link leads

--- What a watcher tells.
---@class lsandbox.WatchEvent
---@field event "create"|"delete"|"modify"|"attrib"|"move-from"|"move-to"|"close-write"|"overflow"|"gone" `"overflow"`: some were lost; `"gone"`: it is no more
---@field name string? of the file in a watched directory
---@field is_dir boolean? whether it is a directory
---@field cookie integer? the same for a `"move-from"` and its `"move-to"`

return lsandbox

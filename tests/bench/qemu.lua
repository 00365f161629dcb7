-- The floor of a machine: plain QEMU without libvirt, launcher, relay or plan. It has the kernel, modules, memory,
-- devices and kernel command line of lsandbox's own machine, and an init of its own (floor_init.c). Like lsandbox's
-- machine, it is killed when the result is there.
local process = require "process"

local qemu = {}
local LIMIT = 120 -- seconds for one step; a cold start takes 2 to 8 on a loaded host
local work = os.getenv "BENCH_WORK"
local MEMORY = "256M"

local function line_of(command)
  local p = assert(io.popen(command))
  local line = p:read("l")
  p:close()
  return assert(line, command)
end

local function field(xml, name)
  local found = xml:match("<" .. name .. "[^>]*>(.-)</" .. name .. ">")
  return found and found:gsub("&lt;", "<"):gsub("&gt;", ">"):gsub("&quot;", '"'):gsub("&amp;", "&")
end

-- The machine that lsandbox would start, and its initrd with floor_init behind it; made once in each process.
local images
local function find_images()
  if images then return images end
  local p = assert(io.popen("build/lsandbox run --accel tcg --xml -- true"))
  local xml = p:read("a")
  assert(p:close(), "lsandbox run --xml failed")
  images = { kernel = field(xml, "kernel"), cmdline = field(xml, "cmdline"), firmware = field(xml, "loader"),
    cache = xml:match('<tb%-cache unit="MiB">(%d+)<'), initrd = work .. "/initrd",
    emulator = line_of("command -v qemu-system-x86_64 || command -v qemu-kvm || echo /usr/libexec/qemu-kvm") }
  assert(os.execute(("%s tests/bench/initrd.lua %s %s/floor-init %s"):format(os.getenv "LUA", field(xml, "initrd"),
    work, images.initrd)))
  return images
end

-- QEMU's command line. memory: the object that is the machine's memory; nil: QEMU's own.
local function command(port, memory, more)
  local it = find_images()
  local argv = { it.emulator, "-accel", "tcg" .. (it.cache and ",tb-size=" .. it.cache or ""),
    "-machine", "pc,usb=off" .. (memory and ",memory-backend=ram" or ""), "-no-hpet",
    "-nodefaults", "-no-user-config", "-display", "none", "-m", MEMORY, "-no-reboot",
    "-kernel", it.kernel, "-initrd", it.initrd, "-append", it.cmdline, "-serial", "file:" .. work .. "/console",
    "-device", "virtio-serial-pci,max_ports=2", "-chardev", "socket,id=port,fd=" .. port,
    "-device", "virtserialport,chardev=port,name=org.lsandbox.relay.0",
    "-fsdev", "local,id=root,path=/,security_model=none,readonly=on,multidevs=remap",
    "-device", "virtio-9p-pci,fsdev=root,mount_tag=lsb0" }
  if it.firmware then table.move({ "-bios", it.firmware }, 1, 2, #argv + 1, argv) end
  if memory then table.move({ "-object", "memory-backend-file,id=ram," .. memory }, 1, 2, #argv + 1, argv) end
  return table.move(more, 1, #more, #argv + 1, argv)
end

local Machine = {}
Machine.__index = Machine

local function start(memory, more)
  local it = setmetatable({}, Machine)
  local port, monitor, log
  it.port, port = process.pair()
  it.monitor, monitor = process.pair()
  log = assert(process.open(work .. "/qemu-log", "w"))
  local argv = command(port, memory, { "-chardev", "socket,id=monitor,fd=" .. monitor, "-mon",
    "chardev=monitor,mode=control", table.unpack(more or {}) })
  it.pid = process.spawn(argv, { stderr = log, keep = { port, monitor } })
  process.close(log)
  process.close(port)
  process.close(monitor)
  return it
end

-- End the machine. Harmless when it has ended before.
function Machine:close()
  if not self.pid then return end
  process.kill(self.pid)
  process.wait(self.pid, LIMIT)
  process.close(self.port)
  process.close(self.monitor)
  self.pid = nil
end
Machine.__close = Machine.close
Machine.__gc = Machine.close

local function expect(it, fd)
  local line, why = process.line(fd, LIMIT)
  if line then return line end
  local log = assert(io.open(work .. "/qemu-log")):read("a")
  it:close()
  error("plain QEMU: " .. why .. "\n" .. log)
end

function Machine:read() return expect(self, self.port) end

-- Send a command, the words of a path and arguments; Machine:read returns the answer.
function Machine:send(...) process.send(self.port, table.concat({ ... }, "\t") .. "\n") end

--- Mount the root, which otherwise the first command would do.
function Machine:mount()
  self:send ""
  assert(self:read() == "0")
end

--- Run a program, which must end with status 0.
function Machine:run(...)
  self:send(...)
  local status = self:read()
  if status ~= "0" then error(("plain QEMU: %s: status %s"):format((...), status)) end
end

-- Send one command to QEMU's monitor, with a descriptor where the command takes one. Events before the answer are
-- skipped.
function Machine:qmp(json, descriptor)
  process.send(self.monitor, json .. "\n", descriptor)
  while true do
    local answer = expect(self, self.monitor)
    if answer:find('^{"return"') then return answer end
    assert(not answer:find('^{"error"'), answer)
  end
end

local IGNORE_SHARED = '{"execute": "migrate-set-capabilities", "arguments": {"capabilities":'
  .. ' [{"capability": "x-ignore-shared", "state": true}]}}'

-- state: the descriptor of the devices' state.
local function negotiate(it, state)
  expect(it, it.monitor) -- the greeting
  it:qmp '{"execute": "qmp_capabilities"}'
  it:qmp(IGNORE_SHARED)
  it:qmp('{"execute": "getfd", "arguments": {"fdname": "state"}}', state)
end

--- A machine that starts cold. Its first answer is "ready".
function qemu.cold() return start() end

local template

-- Write the machine's memory to one file and its devices' state to another, while its init waits for the first
-- command. The machine is migrated while it runs. If it were stopped before, its copy would be stopped, too, and
-- `cont` on a copy that is still being loaded only sets a flag that QEMU then ignores (process_incoming_migration_bh
-- in QEMU 7.2).
local function make_template()
  local made = { memory = work .. "/memory", state = work .. "/state" }
  local state = assert(process.open(made.state, "w"))
  local it <close> = start(("size=%s,mem-path=%s,share=on"):format(MEMORY, made.memory))
  assert(it:read() == "ready")
  negotiate(it, state)
  process.close(state)
  it:qmp '{"execute": "migrate", "arguments": {"uri": "fd:state"}}'
  repeat
    local status = it:qmp '{"execute": "query-migrate"}':match('"status": "(%a+)"')
    assert(status ~= "failed", "plain QEMU: the template could not be made")
  until status == "completed"
  return made
end

--- Make the files that qemu.resume starts from; once in each process.
function qemu.prepare() template = template or make_template() end

--- A machine that goes on from where the template waits for its first command; call qemu.prepare() before.
--- Machine:continue() makes it run, once all machines that start at the same time have been spawned.
function qemu.resume()
  return start(("size=%s,mem-path=%s,share=off"):format(MEMORY, template.memory), { "-incoming", "defer" })
end

function Machine:continue()
  local state = assert(process.open(template.state))
  negotiate(self, state)
  process.close(state)
  self:qmp '{"execute": "migrate-incoming", "arguments": {"uri": "fd:state"}}'
end

return qemu

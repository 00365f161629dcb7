-- Limits: wrong values of tuning, max_vcpus and overlay_size.
local lxc, embed = "lxc:///", "qemu:///embed"
local function cpu(t, connect) return { connect = connect, tuning = { cpu = t } } end
local function memory(t, connect) return { connect = connect, tuning = { memory = t } } end
local function block(t) return { tuning = { block = t } } end
local function numa(t) return { tuning = { numa = t } } end
local size = 'expected a size like 1048576, "64K", "256M" or "2GiB"'
local function host_set(file)
  local f = io.open(file)
  local set = f and f:read("l") or "0"
  if f then f:close() end
  return set
end
local processors = host_set "/sys/devices/system/cpu/online"
local nodes = host_set "/sys/devices/system/node/online"
local quota = "expected a number of processors like 0.5, at most 255, or microseconds in each period, at least 1000"

return {
  -- right
  { cpu { shares = 512, quota = 0.5, period = 50000, pinning = "0" }, nil },
  { cpu { quota = 25000 }, nil },
  { cpu({ pinning = { "0" }, emulator = { pinning = "0", quota = 0.5 } }, embed), nil },
  { memory({ hard = "1G", soft = "512M", swap = 0 }, embed), nil },
  { memory({ hard = "64M", swap = "1M" }, lxc), nil },
  { { tuning = { pids = 100, block = { weight = 100 }, numa = { nodes = "0", mode = "interleave" } } }, nil },
  { { vcpus = 1, max_vcpus = 2, connect = embed }, nil },
  { { overlay_size = "16M" }, nil },
  -- types and names
  { { tuning = 5 }, "tuning: expected a table of named fields, got 5" },
  { { tuning = { "cpu" } }, "tuning: expected a table of named fields, got a table" },
  { { tuning = { cpus = {} } }, 'tuning.cpus: unknown key; did you mean "cpu"?' },
  { { tuning = { pid = 5 } }, 'tuning.pid: unknown key; did you mean "pids"?' },
  { cpu { share = 5 }, 'tuning.cpu.share: unknown key; did you mean "shares"?' },
  { cpu(true), "tuning.cpu: expected a table of named fields, got true" },
  { memory { soft_limit = 5 }, "tuning.memory.soft_limit: unknown key" },
  { block { wait = 5 }, "tuning.block.wait: unknown key" },
  { numa { node = "0" }, 'tuning.numa.node: unknown key; did you mean "nodes"?' },
  -- cpu
  { cpu { shares = 1 }, "tuning.cpu.shares: expected an integer from 2 to 262144, got 1" },
  { cpu { shares = -5 }, "tuning.cpu.shares: expected an integer from 2 to 262144, got -5" },
  { cpu { shares = "1024" }, 'tuning.cpu.shares: expected an integer from 2 to 262144, got "1024"' },
  { cpu { shares = 2 ^ 40 }, "tuning.cpu.shares: expected an integer from 2 to 262144, got 1099511627776" },
  { cpu { quota = 0 }, "tuning.cpu.quota: " .. quota .. ", got 0" },
  { cpu { quota = -1 }, "tuning.cpu.quota: " .. quota .. ", got -1" },
  { cpu { quota = 500 }, "tuning.cpu.quota: " .. quota .. ", got 500" },
  { cpu { quota = "50%" }, "tuning.cpu.quota: " .. quota .. ', got "50%"' },
  { cpu { quota = 0 / 0 }, "tuning.cpu.quota: " .. quota .. ", got " .. tostring(0 / 0) },
  { cpu { quota = 0.001 }, "tuning.cpu.quota: expected at least 1000 microseconds of each period of 100000, got 100" },
  { cpu { period = 999 }, "tuning.cpu.period: expected an integer from 1000 to 1000000, got 999" },
  { cpu { period = 1000001 }, "tuning.cpu.period: expected an integer from 1000 to 1000000, got 1000001" },
  { cpu { period = 1000.5 }, "tuning.cpu.period: expected an integer from 1000 to 1000000, got 1000.5" },
  { cpu { pinning = 0 }, 'tuning.cpu.pinning: expected a set of processors like "0-1,4", or a list of them, got 0' },
  { cpu { pinning = {} },
    'tuning.cpu.pinning: expected a set of processors like "0-1,4", or a list of them, got a table' },
  { cpu { pinning = "" }, 'tuning.cpu.pinning: expected a set of processors like "0-1,4", got ""' },
  { cpu { pinning = "1-0" }, 'tuning.cpu.pinning: expected a set of processors like "0-1,4", got "1-0"' },
  { cpu { pinning = "0," }, 'tuning.cpu.pinning: expected a set of processors like "0-1,4", got "0,"' },
  { cpu { pinning = "-1" }, 'tuning.cpu.pinning: expected a set of processors like "0-1,4", got "-1"' },
  { cpu { pinning = "99999999999999999999" },
    'tuning.cpu.pinning: expected a set of processors like "0-1,4", got "99999999999999999999"' },
  { cpu { pinning = "0\0" }, 'tuning.cpu.pinning: expected a string without NUL bytes, got "0\\0"' },
  { cpu { pinning = "4095" },
    ("tuning.cpu.pinning: expected some of the host's processors %s, got \"4095\""):format(processors) },
  { cpu({ pinning = { "0", "x" } }, embed),
    'tuning.cpu.pinning[2]: expected a set of processors like "0-1,4", got "x"' },
  { cpu({ pinning = { "0", "0" } }, embed),
    "tuning.cpu.pinning: expected at most 1 sets, one for each of vcpus, got 2" },
  { cpu({ pinning = { "0" } }, lxc), "tuning.cpu.pinning: expected one set for a container, whose programs run on the "
    .. "host's processors, got a list" },
  { cpu({ emulator = { quota = 0.5 } }, lxc),
    "tuning.cpu.emulator: expected nothing for a container, which has no emulator, got a table" },
  { cpu { emulator = { pin = "0" } }, "tuning.cpu.emulator.pin: unknown key" },
  { cpu { emulator = "0" }, 'tuning.cpu.emulator: expected a table of named fields, got "0"' },
  -- memory
  { memory { hard = "-1M" }, "tuning.memory.hard: " .. size .. ', got "-1M"' },
  { memory { hard = 0 }, "tuning.memory.hard: " .. size .. ", got 0" },
  { memory { soft = "1 apple" }, "tuning.memory.soft: " .. size .. ', got "1 apple"' },
  { memory { swap = -1 }, "tuning.memory.swap: " .. size .. ", got -1" },
  { memory { hard = "99999999999999999999G" }, "tuning.memory.hard: " .. size .. ', got "99999999999999999999G"' },
  { memory { hard = "1G", soft = "2G" },
    "tuning.memory.soft: expected at most the hard limit, 1073741824 bytes, got 2147483648" },
  { memory({ hard = "1M" }, embed),
    "tuning.memory.hard: expected at least the machine's memory, 268435456 bytes, got 1048576" },
  { memory({ swap = "1M" }, embed), "tuning.memory.swap: expected a hard limit beside it for a machine, got none" },
  -- block
  { block { weight = 5 }, "tuning.block.weight: expected an integer from 10 to 1000, got 5" },
  { block { weight = 1001 }, "tuning.block.weight: expected an integer from 10 to 1000, got 1001" },
  { block { devices = { "/dev/sda" } }, "tuning.block.devices: expected a table of rates by name, got a table" },
  { block { devices = { sda = {} } }, "tuning.block.devices.sda: expected absolute path as the key" },
  { block { devices = { ["/dev/null"] = {} } },
    'tuning.block.devices["/dev/null"]: expected a block device of the host as the key' },
  { block { devices = { ["/no/such"] = {} } },
    'tuning.block.devices["/no/such"]: expected a block device of the host as the key' },
  { block { devices = { ["/dev/null"] = { reads = 5 } } }, 'tuning.block.devices["/dev/null"].reads: unknown key' },
  { block { devices = { ["/dev/null"] = { read_iops = 0 } } },
    'tuning.block.devices["/dev/null"].read_iops: expected an integer from 1 to 2147483647, got 0' },
  { block { devices = { ["/dev/null"] = { write_bytes = -5 } } },
    'tuning.block.devices["/dev/null"].write_bytes: ' .. size .. ", got -5" },
  { block { disks = { data = { read_iops = 5 } } },
    "tuning.block.disks.data: expected the tag of one of the recipe's disks as the key" },
  { block { disks = { data = { weight = 5 } } }, "tuning.block.disks.data.weight: unknown key" },
  -- numa
  { numa {}, 'tuning.numa.nodes: expected a set of NUMA nodes like "0-1,4", got nothing' },
  { numa { nodes = "a" }, 'tuning.numa.nodes: expected a set of NUMA nodes like "0-1,4", got "a"' },
  { numa { nodes = "0,4095" },
    ("tuning.numa.nodes: expected some of the host's NUMA nodes %s, got \"0,4095\""):format(nodes) },
  { numa { nodes = "0", mode = "strictly" },
    'tuning.numa.mode: expected one of "strict", "preferred", "interleave", got "strictly"' },
  -- pids, vcpus, overlay_size
  { { tuning = { pids = 1 } }, "tuning.pids: expected an integer from 2 to 4194304, got 1" },
  { { tuning = { pids = -7 } }, "tuning.pids: expected an integer from 2 to 4194304, got -7" },
  { { tuning = { pids = 4194305 } }, "tuning.pids: expected an integer from 2 to 4194304, got 4194305" },
  { { tuning = { pids = "many" } }, 'tuning.pids: expected an integer from 2 to 4194304, got "many"' },
  { { vcpus = 2, max_vcpus = 1 }, "max_vcpus: expected at least vcpus, 2, got 1" },
  { { max_vcpus = 0 }, "max_vcpus: expected an integer from 1 to 255, got 0" },
  { { max_vcpus = 2, connect = lxc },
    "max_vcpus: expected nothing for a container, which has the host's processors, got 2" },
  { { overlay_size = "1K" }, "overlay_size: expected at least 1M, got 1024 bytes" },
  { { overlay_size = -1 }, "overlay_size: " .. size .. ", got -1" },
  -- overlay
  { { connect = embed, root_mode = "overlay", overlay = "/tmp", overlay_size = "16M" }, nil },
  { { overlay = "/tmp" }, 'overlay: expected nothing unless root_mode is "overlay", got "/tmp"' },
  { { root_mode = "readonly", overlay = "/tmp" },
    'overlay: expected nothing unless root_mode is "overlay", got "/tmp"' },
  { { connect = embed, root_mode = "overlay", overlay = "tmp" }, 'overlay: expected absolute path, got "tmp"' },
  { { connect = embed, root_mode = "overlay", overlay = "" }, 'overlay: expected absolute path, got ""' },
  { { connect = embed, root_mode = "overlay", overlay = "/no/such" },
    'overlay: expected a directory of the host, got "/no/such"' },
  { { connect = embed, root_mode = "overlay", overlay = "/etc/passwd" },
    'overlay: expected a directory of the host, got "/etc/passwd"' },
  { { connect = embed, root_mode = "overlay", overlay = "/tmp", overlay_size = "15M" },
    "overlay_size: expected at least 16M beside overlay, got 15728640 bytes" },
  { { connect = lxc, root_mode = "overlay", overlay = "/tmp" },
    'overlay: expected nothing for a container, which can keep what it writes in mounts only, got "/tmp"' },
}

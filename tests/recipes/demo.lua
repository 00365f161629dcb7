-- lsandbox's main job, on real input: programs of this host, run on files of this host, inside a machine
-- and inside a container that are made from the host's own root. `make demo` runs it.
local lsandbox = require "lsandbox"

local failures = 0

local function say(...) io.write(string.format(...), "\n") io.stdout:flush() end

local function check(passed, what, ...)
  say("   %s  %s", passed and "ok    " or "FAILED", string.format(what, ...))
  if not passed then failures = failures + 1 end
  return passed
end

local function capture(command)
  local f = assert(io.popen(command, "r"))
  local out = f:read("a")
  f:close()
  return (out:gsub("\n$", ""))
end

local function now() return tonumber(capture("date +%s.%N")) end

local function timed(fn, ...)
  local begun = now()
  local results = table.pack(fn(...))
  return now() - begun, table.unpack(results, 1, results.n)
end

-- The input: several megabytes of files that every installation has.
local dir = capture("mktemp -d /tmp/lsandbox-demo.XXXXXX")
os.execute("chmod 0755 " .. dir)
os.execute(([[
  find /usr/share/doc /usr/share/perl* /usr/include /usr/lib/python3* -type f -size -200k 2>/dev/null |
    sort | sed -n '1,4000p' | xargs cat 2>/dev/null | head -c 12000000 > %s/input]]):format(dir))
local size = tonumber(capture("stat -c %s " .. dir .. "/input"))

local jobs = {
  { "sort the lines", { "sort", "-u", "/data/input" }, "sort -u %s/input" },
  { "compress", { "gzip", "-9nc", "/data/input" }, "gzip -9nc %s/input" },
  { "count words", { "sh", "-c", "tr -cs 'A-Za-z' '\\n' < /data/input | sort | uniq -c | sort -rn | sed -n 1,100p" },
    "tr -cs 'A-Za-z' '\\n' < %s/input | sort | uniq -c | sort -rn | sed -n 1,100p" },
}

say("lsandbox %s on %s, input: %.1f MB of the host's own files", lsandbox._VERSION, capture("uname -sr"), size / 1e6)
for _, job in ipairs(jobs) do
  job.seconds, job.sum = timed(capture, "LC_ALL=C.UTF-8; export LC_ALL; " .. job[3]:format(dir) .. " | sha256sum")
end

local function sum_of(data)
  local path = dir .. "/out"
  local f = assert(io.open(path, "wb"))
  f:write(data)
  f:close()
  return capture("sha256sum < " .. path)
end

local function run_jobs(sb)
  for _, job in ipairs(jobs) do
    local seconds, r, message = timed(sb.run, sb, job[2])
    check(r and r.ok and sum_of(r.stdout) == job.sum, "%-16s %6.2f s inside, %5.2f s outside, %s", job[1], seconds,
      job.seconds, r and r.ok and "same checksum" or tostring(message or r.stderr or r.error))
  end
end

local function look_around(sb)
  local kernel = assert(sb:run { "uname", "-r" }).stdout:gsub("\n", "")
  say("   kernel  %s inside, %s outside", kernel, capture("uname -r"))
  local write = assert(sb:run { "touch", "/written-by-the-sandbox" })
  check(write.status ~= 0 and not io.open("/written-by-the-sandbox"), "a write to / is refused: %s",
    (write.stderr:gsub("\n", "")))
  local net = assert(sb:run { "sh", "-c", "ls /sys/class/net; cat /proc/net/route | wc -l" })
  check(net.stdout == "lo\n1\n", "no network: the only interface is lo, and there is no route")
  local homes = assert(sb:run { "find", "/root", "/home", "!", "-type", "d" })
  check(homes.stdout == "", "the homes of the host are not to be seen")
end

local function demonstrate(title, uri)
  say("\n%s (%s)", title, uri)
  local seconds, sb, message, code = timed(lsandbox.start, {
    connect = uri, memory = "512M",
    mounts = { { type = "bind", source = dir, target = "/data", readonly = true } },
    env = { LC_ALL = "C.UTF-8" },
  })
  if not sb then return check(false, "start: %s [%s]", message, code) end
  local times = sb:info().times
  say("   started in %.2f s: libvirt %.2f s, boot %.2f s, mounts %.2f s%s", seconds, times.domain / 1000,
    (times.hello - times.domain) / 1000, (times.ready - times.hello) / 1000,
    sb:info().accel and (", accelerator " .. sb:info().accel) or "")
  local passed, why = pcall(function()
    look_around(sb)
    run_jobs(sb)
  end)
  check(passed, "no error%s", passed and "" or ": " .. tostring(why))
  say("   ended in %.2f s", (timed(sb.close, sb)))
end

demonstrate("A machine", "qemu:///embed")
local has_lxc = os.getenv("LSANDBOX_PRIVATE_LIBVIRTD") or os.execute("test -w /var/run/libvirt/libvirt-sock")
if has_lxc then
  demonstrate("A container", "lxc:///")
else
  say("\nA container: left out, no libvirtd can be reached (root can start a private one: scripts/with-libvirtd)")
end

os.execute("rm -rf " .. dir)
say("\n%s", failures == 0 and "Verdict: all of it works here." or ("Verdict: " .. failures .. " checks FAILED."))
return failures == 0 and 0 or 1

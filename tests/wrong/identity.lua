-- Wrong users, rights, system call filters, labels and id maps.
local lxc = "lxc:///"
local rows = {}
local function row(recipe, message) rows[#rows + 1] = { recipe, message } end

-- who
row({ user = -1 }, "user: expected a user name or a number from 0 to 4294967294, got -1")
row({ user = 4294967295 }, "user: expected a user name or a number from 0 to 4294967294, got 4294967295")
row({ user = "" }, 'user: expected a user name or a number from 0 to 4294967294, got ""')
row({ user = true }, "user: expected a user name or a number from 0 to 4294967294, got true")
row({ user = "no-such-user" }, 'user: expected a user of the root file system, got "no-such-user"')
row({ user = "a\0b" }, 'user: expected a string without NUL bytes, got "a\\0b"')
row({ group = -1 }, "group: expected a group name or a number from 0 to 4294967294, got -1")
row({ group = {} }, "group: expected a group name or a number from 0 to 4294967294, got a table")
row({ group = "no-such-group" }, 'group: expected a group of the root file system, got "no-such-group"')
row({ groups = "mail" }, 'groups: expected a list of group names or numbers, got "mail"')
row({ groups = { mail = true } }, "groups: expected a list of group names or numbers, got a table")
row({ groups = { 1, 4294967295 } },
  "groups[2]: expected a group name or a number from 0 to 4294967294, got 4294967295")
row({ groups = { 1.5 } }, "groups[1]: expected a group name or a number from 0 to 4294967294, got 1.5")
row({ groups = { "daemon", "no-such-group" } },
  'groups[2]: expected a group of the root file system, got "no-such-group"')
row({ groups = { 5, 6, 5 } }, 'groups[3]: expected each group once, got "5" again')
row({ gruop = 1 }, 'gruop: unknown key; did you mean "group"?')
row({ groups = {} }, nil)

-- rights
row({ privileged = 1 }, "privileged: expected true or false, got 1")
row({ no_new_privs = "no" }, 'no_new_privs: expected true or false, got "no"')
row({ no_new_priv = true }, 'no_new_priv: unknown key; did you mean "no_new_privs"?')
row({ umask = "0888" },
  'umask: expected an octal string from "0" to "777" like "022", or an integer from 0 to 511, got "0888"')
row({ umask = "1000" },
  'umask: expected an octal string from "0" to "777" like "022", or an integer from 0 to 511, got "1000"')
row({ umask = 512 },
  'umask: expected an octal string from "0" to "777" like "022", or an integer from 0 to 511, got 512')
row({ umask = -1 }, 'umask: expected an octal string from "0" to "777" like "022", or an integer from 0 to 511, got -1')
row({ umask = "" }, 'umask: expected an octal string from "0" to "777" like "022", or an integer from 0 to 511, got ""')
row({ umask = "-7" },
  'umask: expected an octal string from "0" to "777" like "022", or an integer from 0 to 511, got "-7"')
row({ umask = 2 ^ 60 },
  'umask: expected an octal string from "0" to "777" like "022", or an integer from 0 to 511, got 1.1529215046068e+18')
row({ umask = 0 }, nil)
row({ capabilities = "net_raw" }, 'capabilities: expected a list of names of capabilities, got "net_raw"')
row({ capabilities = { net_raw = true } }, "capabilities: expected a list of names of capabilities, got a table")
row({ capabilities = { 13 } }, 'capabilities[1]: expected the name of a capability like "net_bind_service", got 13')
row({ capabilities = { "chown", "net_bind_servce" } }, 'capabilities[2]: expected the name of a capability like '
  .. '"net_bind_service", got "net_bind_servce"; did you mean "net_bind_service"?')
row({ capabilities = { "CAP_SYS_ADMN" } }, 'capabilities[1]: expected the name of a capability like '
  .. '"net_bind_service", got "CAP_SYS_ADMN"; did you mean "sys_admin"?')
row({ capabilities = { "everything" } },
  'capabilities[1]: expected the name of a capability like "net_bind_service", got "everything"')
row({ capabilities = { "" } }, 'capabilities[1]: expected the name of a capability like "net_bind_service", got ""')
row({ capabilities = { "chown\0" } }, 'capabilities[1]: expected a string without NUL bytes, got "chown\\0"')
row({ capabilities = { "kill", "CAP_KILL" } }, 'capabilities[2]: expected each capability once, got "CAP_KILL" again')
row({ capabilities = { "kill" }, privileged = true },
  "capabilities: expected nothing beside privileged = true, which keeps all, got a table")
row({ capabilities = {}, privileged = false }, nil)

-- system calls
local kinds = 'seccomp: expected one of "none", "default", "no-network", "strict", false, or a table of lists, got '
row({ seccomp = true }, kinds .. "true")
row({ seccomp = 1 }, kinds .. "1")
row({ seccomp = "strikt" }, kinds .. '"strikt"')
row({ seccomp = { "mount" } }, kinds .. "a table")
row({ seccomp = { profile = "docker" } },
  'seccomp.profile: expected one of "none", "default", "no-network", "strict", got "docker"')
row({ seccomp = { default = "deny" } }, 'seccomp.default: expected one of "allow", "errno", "kill", got "deny"')
row({ seccomp = { denny = {} } }, 'seccomp.denny: unknown key; did you mean "deny"?')
row({ seccomp = { deny = "mount" } }, 'seccomp.deny: expected a list of names of system calls, got "mount"')
row({ seccomp = { deny = { "mont" } } },
  'seccomp.deny[1]: expected the name of a system call, got "mont"; did you mean "mount"?')
row({ seccomp = { kill = { "getpid", "no_such_call_here" } } },
  'seccomp.kill[2]: expected the name of a system call, got "no_such_call_here"')
row({ seccomp = { allow = { 165 } } }, "seccomp.allow[1]: expected a string, got 165")
row({ seccomp = { allow = { "mount\0x" } } }, 'seccomp.allow[1]: expected a string without NUL bytes, got "mount\\0x"')
row({ seccomp = { allow = { "mount" }, deny = { "getpid", "mount" } } },
  'seccomp.deny[2]: expected each call once, got "mount", which is allow[1] as well')
row({ seccomp = { kill = { "mount", "mount" } } },
  'seccomp.kill[2]: expected each call once, got "mount", which is kill[1] as well')
row({ seccomp = { deny = { "execve" } } },
  'seccomp.deny[1]: expected a call that a program can do without, got "execve"')
row({ seccomp = { kill = { "exit_group" } } },
  'seccomp.kill[1]: expected a call that a program can do without, got "exit_group"')
row({ seccomp = { errno = "EWRONG" } },
  'seccomp.errno: expected the name of an error like "EPERM", or its number, got "EWRONG"')
row({ seccomp = { errno = 0 } }, "seccomp.errno: expected a number from 1 to 4095, got 0")
row({ seccomp = { errno = 4096 } }, "seccomp.errno: expected a number from 1 to 4095, got 4096")
row({ seccomp = { errno = {} } },
  'seccomp.errno: expected the name of an error like "EPERM", or its number, got a table')
row({ seccomp = { profile = "strict", default = "kill" } },
  'seccomp.default: expected nothing beside a profile, which decides that, got "kill"')
row({ seccomp = { profile = "none", deny = { "mount" } } },
  'seccomp.profile: expected a profile beside other fields, got "none"; an own list has default = "allow"')
row({ seccomp = { deny = { "socketcall", "open_tree" } } }, nil) -- a call of another architecture is no mistake

-- names and time
local name_rule = 'at most 64 letters, digits, "-", "_" and ".", the first neither "-" nor ".", got '
row({ domainname = "a b" }, "domainname: expected a domain name of " .. name_rule .. '"a b"')
row({ domainname = ".org" }, "domainname: expected a domain name of " .. name_rule .. '".org"')
row({ domainname = 7 }, "domainname: expected a domain name of " .. name_rule .. "7")
row({ timezone = 2 }, 'timezone: expected the name of a time zone like "Europe/Berlin", got 2')
row({ timezone = "/Europe/Berlin" },
  'timezone: expected the name of a time zone like "Europe/Berlin", got "/Europe/Berlin"')
row({ timezone = "../../../etc/passwd" },
  'timezone: expected the name of a time zone like "Europe/Berlin", got "../../../etc/passwd"')
row({ timezone = "Europe/Berln" }, 'timezone: expected a time zone below /usr/share/zoneinfo of the root file '
  .. 'system, like "Europe/Berlin", got "Europe/Berln"')
row({ timezone = "Europe" }, 'timezone: expected a time zone below /usr/share/zoneinfo of the root file '
  .. 'system, like "Europe/Berlin", got "Europe"')

-- labels
row({ security = "selinux" }, 'security: expected a table of named fields, got "selinux"')
row({ security = { lable = "x" } }, 'security.lable: unknown key; did you mean "label"?')
row({ security = { type = "fixed" } },
  'security.type: expected one of "dynamic", "static", "inherit", "none", got "fixed"')
row({ security = { model = "smack" } }, 'security.model: expected one of "selinux", "apparmor", "dac", got "smack"')
row({ security = { type = "static" } }, 'security.label: expected a label with type = "static", got nothing')
row({ security = { label = "x" } }, 'security.label: expected nothing with type = "dynamic", got "x"')
row({ security = { type = "inherit", label = "x" } },
  'security.label: expected nothing with type = "inherit", got "x"')
row({ security = { type = "static", label = "x", baselabel = "y" } },
  'security.baselabel: expected nothing with type = "static", got "y"')
row({ security = { type = "none", model = "dac" } }, 'security.model: expected nothing with type = "none", got "dac"')
row({ security = { type = "none", relabel = true } },
  'security.relabel: expected nothing with type = "none", got true')
row({ security = { relabel = false } },
  'security.relabel: expected true with type = "dynamic", which labels what it uses, got false')
row({ security = { relabel = "yes" } }, 'security.relabel: expected true or false, got "yes"')
row({ security = { type = "static", model = "dac", label = "root" } },
  'security.label: expected a user\'s and a group\'s number like "+107:+107", got "root"')
for _, label in ipairs { "+0:+0", "+0:+107", "107:0" } do
  row({ security = { type = "static", model = "dac", label = label } },
    "security.label: expected numbers other than 0, because QEMU must not run as the host's root, got " ..
    ('"%s"'):format(label))
end
row({ security = { type = "static", label = "a\nb" } },
  'security.label: expected UTF-8 text without control characters, got "a\\10b"')

-- id maps
row({ security = { userns = "root" } },
  'security.userns: expected true, false, "user", or a table of uid and gid, got "root"')
row({ security = { userns = { { 0, 1, 2 } } } },
  'security.userns: expected true, false, "user", or a table of uid and gid, got a table')
row({ security = { userns = { uids = {} } } }, 'security.userns.uids: unknown key; did you mean "uid"?')
row({ security = { userns = { uid = {} } } },
  "security.userns.uid: expected a list of 1 to 32 ranges of ids, got a table")
row({ security = { userns = { uid = { { 0, 1000, 1 } } } } },
  "security.userns.gid: expected a list of 1 to 32 ranges of ids, got nothing")
row({ security = { userns = { uid = { { 0, 1000 } } } } }, "security.userns.uid[1]: expected a list of three integers: "
  .. "the first id inside, the first on the host, and how many, got a table")
row({ security = { userns = { uid = { { 0, 0, 1 } } } } },
  "security.userns.uid[1][2]: expected an integer from 1 to 4294967294, got 0")
row({ security = { userns = { uid = { { -1, 5, 1 } } } } },
  "security.userns.uid[1][1]: expected an integer from 0 to 4294967294, got -1")
row({ security = { userns = { uid = { { 0, 4294967290, 10 } } } } },
  "security.userns.uid[1][3]: expected at most 5 ids from there, got 10")
row({ security = { userns = { uid = { { 5, 1000, 1 } } } } },
  "security.userns.uid: expected a range that begins with 0, root inside, got none")
row({ security = { userns = { uid = { { 0, 1000, 10 }, { 9, 5000, 1 } } } } },
  "security.userns.uid[2]: expected each id inside once, got some of element 1 again")
row({ security = { userns = { uid = { { 0, 1000, 10 }, { 10, 1009, 1 } } } } },
  "security.userns.uid[2]: expected each id of the host once, got some of element 1 again")
row({ security = { userns = false }, connect = "qemu:///embed" },
  "security.userns: expected nothing for a machine, whose users are its own kernel's, got false")
local root = io.popen("id -u"):read("n") == 0
row({ security = { userns = "user" }, user = "root", connect = lxc }, root and
  "security.userns: expected a user and a group other than root, who would be the host's root on the host" or
  "security.userns: expected false, for only root can map ids of the host into a container")
if root then
  row({ user = 65536, connect = lxc },
    "user: expected an id that the container's user namespace has (see security.userns), got 65536")
  row({ groups = { 7, 70000 }, connect = lxc },
    "groups: expected an id that the container's user namespace has (see security.userns), got 70000")
  row({ user = 65536, connect = lxc, security = { userns = false } }, nil)
end

return rows

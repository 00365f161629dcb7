-- Lints on what a file may include: rooms of lsandbox/ use only rooms below, and a library stays in its place.
local tree = require "tree"

-- What the files of a room may include besides their own room. Arrows run downward and never up: lua, sandbox,
-- session, domain, host, plan, bootimage, recipe, base. A room with rooms below it is followed by them.
local MAY_USE = {
  ["lua"] = { "sandbox", "session", "domain", "domain/xml", "domain/template", "host", "recipe", "recipe/identity",
              "recipe/network", "recipe/value", "base", "shared", "lsandbox.h" },
  ["sandbox"] = { "session", "domain", "domain/xml", "domain/template", "host", "plan", "bootimage", "recipe",
                  "recipe/identity", "recipe/network", "recipe/value", "base", "shared" },
  -- A session knows neither libvirt nor the domain, so that a process without a domain can have one.
  ["session"] = { "recipe", "recipe/identity", "recipe/network", "recipe/value", "base", "shared" },
  ["domain"] = { "domain/xml", "domain/template", "host", "plan", "bootimage", "recipe", "recipe/identity",
                 "recipe/network", "recipe/value", "base", "shared" },
  ["domain/xml"] = { "host", "plan", "recipe", "recipe/identity", "recipe/network", "recipe/value", "base", "shared" },
  ["domain/template"] = { "host", "plan", "bootimage", "recipe", "recipe/identity", "recipe/network",
                          "recipe/value", "base", "shared" },
  ["host"] = { "recipe", "recipe/identity", "recipe/network", "recipe/value", "base", "shared" },
  ["plan"] = { "recipe", "recipe/identity", "recipe/network", "recipe/value", "base", "shared" },
  ["bootimage"] = { "recipe", "recipe/value", "base", "shared" },
  ["recipe"] = { "recipe/identity", "recipe/network", "recipe/value", "base", "shared" },
  ["recipe/identity"] = { "recipe", "recipe/value", "base", "shared" },
  ["recipe/network"] = { "recipe", "recipe/value", "base", "shared" },
  ["recipe/value"] = { "base", "shared" },
  ["base"] = { "shared" },
}

-- Folders beside lsandbox/: guest-init/ and launcher/ are linked with no library but the C library.
local MAY_USE_OUTSIDE = {
  ["runtime"] = { "lua", "sandbox", "session", "domain", "domain/xml", "domain/template", "host", "recipe",
                  "recipe/identity", "recipe/network", "recipe/value", "base", "shared", "lsandbox.h" },
  ["guest-init"] = { "shared" },
  ["launcher"] = { "shared" },
  ["shared"] = {},
}

local function contains(list, item)
  for _, one in ipairs(list) do
    if one == item then return true end
  end
  return false
end

-- The room that an include of PATH in a file of FOLDER leads to: "host" for "host/cgroup.h".
local function room_of_include(path, folder)
  if path == "lsandbox.h" then return path end
  return path:match("^(.*)/[^/]*$") or folder
end

local function check_includes(file, room, allowed, report)
  for _, include in ipairs(file.includes) do
    local target = include.quoted and room_of_include(include.path, room)
    if target and target ~= room and not contains(allowed, target) then
      report(file, include.line, ('%s/ must not include "%s": it may use only its own folder, %s')
        :format(room, include.path, #allowed > 0 and table.concat(allowed, ", ") or "and no other"))
    end
  end
end

local function rooms(files, report)
  for _, file in ipairs(files) do
    local room = file.kind == "c" and file.folder:match("^lsandbox/(.*)$")
    if room and not MAY_USE[room] then
      report(file, 1, ("no room lsandbox/%s/ is known: add it to MAY_USE in tests/lint/rooms.lua"):format(room))
    elseif room then
      check_includes(file, room, MAY_USE[room], report)
    elseif file.kind == "c" and MAY_USE_OUTSIDE[file.folder] then
      check_includes(file, file.folder, MAY_USE_OUTSIDE[file.folder], report)
    end
  end
end

local function flat(files, report)
  for _, file in ipairs(files) do
    if file.kind == "c" and file.folder == "lsandbox" and file.name ~= "lsandbox.h" then
      report(file, 1, "lies in no room: move it into a folder below lsandbox/ (README.md lists the rooms)")
    end
  end
end

-- A library's headers, as patterns of Lua, and the folders ("host/") and single files that may include them.
local LIBRARIES = {
  { name = "Lua", headers = { "^lua%.h$", "^lauxlib%.h$", "^lualib%.h$" },
    where = { "lsandbox/lua/", "runtime/", "lsandbox/lsandbox.h" } },
  { name = "libxml2", headers = { "^libxml/" }, where = { "lsandbox/domain/xml/" } },
  -- sandbox/ attaches to domains and lists them, and a sandbox passes monitor commands on.
  { name = "libvirt", headers = { "^libvirt/" },
    where = { "lsandbox/host/", "lsandbox/domain/", "lsandbox/sandbox/control.h", "lsandbox/sandbox/monitor.c" } },
  { name = "libseccomp", headers = { "^seccomp%.h$" }, where = { "lsandbox/recipe/identity/" } },
  { name = "libarchive", headers = { "^archive%.h$", "^archive_entry%.h$" }, where = { "lsandbox/bootimage/" } },
  { name = "libkmod", headers = { "^libkmod%.h$" }, where = { "lsandbox/bootimage/" } },
  { name = "GLib", headers = { "^glib", "^gio/", "^gmodule" }, where = { "lsandbox/", "runtime/" } },
}

local function library_of(header)
  for _, library in ipairs(LIBRARIES) do
    for _, pattern in ipairs(library.headers) do
      if header:find(pattern) then return library end
    end
  end
end

local function may_include(file, library)
  for _, place in ipairs(library.where) do
    if place == file.path or place:sub(-1) == "/" and file.path:sub(1, #place) == place then return true end
  end
  return false
end

local function libraries(files, report)
  for _, file in ipairs(files) do
    for _, include in ipairs(tree.below(file, tree.product) and file.includes or {}) do
      local library = library_of(include.path)
      if library and not may_include(file, library) then
        report(file, include.line, ("%s is included here: only %s may; call a function of theirs instead")
          :format(library.name, table.concat(library.where, ", ")))
      end
    end
  end
end

return {
  { name = "rooms include only rooms below", check = rooms },
  { name = "each C file of lsandbox/ lies in a room", check = flat },
  { name = "a library is included only in its place", check = libraries },
}

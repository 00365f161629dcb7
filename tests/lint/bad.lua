-- Small trees that a lint must find fault with: for each lint, by its name, the files of a tree and the place
-- (file:line) of the first finding.
local bad = {}

-- FN gets a temporary folder that holds FILES (path = text); the folder is removed afterwards.
function bad.with_tree(files, fn)
  local pipe = assert(io.popen("mktemp -d /tmp/lsb-lint.XXXXXX"))
  local root = pipe:read("l")
  pipe:close()
  for path, text in pairs(files) do
    os.execute(("mkdir -p '%s/%s'"):format(root, path:match("^(.*)/") or "."))
    local f = assert(io.open(root .. "/" .. path, "w"))
    f:write(text)
    f:close()
  end
  local passed, why = xpcall(fn, debug.traceback, root)
  os.execute(("rm -rf '%s'"):format(root))
  if not passed then error(why, 0) end
end

local function case(finds, files) return { finds = finds, files = files } end

bad["rooms include only rooms below"] = {
  case("lsandbox/host/a.c:2", { ["lsandbox/host/a.c"] = '/* A file. */\n#include "domain/domain.h"\n' }),
  case("lsandbox/session/a.h:1", { ["lsandbox/session/a.h"] = '#include "plan/plan.h"\n' }),
  case("lsandbox/attic/a.c:1", { ["lsandbox/attic/a.c"] = "int a;\n" }),
  case("guest-init/a.c:3", {
    ["guest-init/a.c"] = '#include "a.h"\n#include "shared/wire.h"\n#include "base/error.h"\n',
  }),
}

bad["each C file of lsandbox/ lies in a room"] = {
  case("lsandbox/a.c:1", { ["lsandbox/a.c"] = "int a;\n", ["lsandbox/lsandbox.h"] = "\n" }),
}

bad["a library is included only in its place"] = {
  case("lsandbox/base/a.c:1", { ["lsandbox/base/a.c"] = "#include <lua.h>\n" }),
  case("lsandbox/domain/a.c:1", { ["lsandbox/domain/a.c"] = "#include <libxml/parser.h>\n" }),
  case("lsandbox/session/a.c:2", { ["lsandbox/session/a.c"] = "\n#include <libvirt/libvirt.h>\n" }),
  case("lsandbox/recipe/a.c:1", { ["lsandbox/recipe/a.c"] = "#include <seccomp.h>\n" }),
  case("guest-init/a.c:1", { ["guest-init/a.c"] = "#include <glib.h>\n" }),
}

bad["what other files call is declared in the header of its file's name"] = {
  case("lsandbox/base/a.c:2", {
    ["lsandbox/base/a.c"] = "static int b;\nint lsb_a(int c)\n{\n    return c;\n}\n",
    ["lsandbox/base/a.h"] = "/* int lsb_a(int c); */\n#define lsb_a(c) (c)\n",
  }),
  case("lsandbox/base/b.h:3", {
    ["lsandbox/base/a.c"] = "int lsb_a(void)\n{\n}\n",
    ["lsandbox/base/a_private.h"] = "int lsb_a(void);\n",
    ["lsandbox/base/b.h"] = "int lsb_b(void);\n\nint lsb_a(void);\n",
  }),
}

bad["a function's name is defined in one file only"] = {
  case("shared/a.c:2", {
    ["shared/a.c"] = "\nstatic int twin(void)\n{\n}\nint main(void)\n{\n}\n",
    ["launcher/a.c"] = "static int twin(void)\n{\n}\nint main(void)\n{\n}\n",
  }),
}

bad["each C file begins with a comment that says what it is about"] = {
  case("shared/a.c:1", { ["shared/a.c"] = "#include <stdio.h>\n/* Late words. */\n" }),
  case("shared/a.h:1", { ["shared/a.h"] = "/* TODO say what this is. */\n" }),
}

bad["no name in C is a keyword of C++"] = {
  case("runtime/a.c:3", { ["runtime/a.c"] = '/* A new file. */\n#include "new"\nint new = 1;\n' }),
}

bad["no space is before ++ and --, nor inside a quark's name"] = {
  case("runtime/a.c:2", { ["runtime/a.c"] = "x++; y = z - --x; return ++x;\nx ++;\n" }),
  case("runtime/a.c:1", { ["runtime/a.c"] = "for (; n --;)\n" }),
  case("runtime/a.c:2", { ["runtime/a.c"] = "G_DEFINE_QUARK(a-b, a_b)\nG_DEFINE_QUARK(a - b, a_b)\n" }),
}

bad["comments and banners are whole"] = {
  case("runtime/a.c:2", { ["runtime/a.c"] = "/* --- good --- */\n/* --- broken ---\n */\n" }),
  case("runtime/a.c:4", { ["runtime/a.c"] = "/*\n * Good.\n */\n/* Text, and\n * more of it.\n */\n" }),
}

bad["lines are at most 100 columns wide in C, 120 in Lua, shell and tests"] = {
  case("runtime/a.c:2", { ["runtime/a.c"] = ("x"):rep(100) .. "\n" .. ("x"):rep(101) .. "\n" }),
  case("tests/a.lua:2", { ["tests/a.lua"] = ("x"):rep(120) .. "\n" .. ("x"):rep(121) .. "\n" }),
  case("scripts/a:2", { ["scripts/a"] = "#!/bin/sh\n" .. ("x"):rep(121) .. "\n" }),
}

bad["C files have at most 500 lines, those of tests 600"] = {
  case("runtime/a.c:501", { ["runtime/a.c"] = ("\n"):rep(501), ["runtime/b.c"] = ("\n"):rep(500) }),
  case("tests/a.c:601", { ["tests/a.c"] = ("\n"):rep(601) }),
}

return bad

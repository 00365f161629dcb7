-- What the command says to a word that it does not know, and to what a recipe returns. On fake sandboxes.
local tap = require "tap"
local host = require "host"

local command = os.getenv "LSANDBOX_BUILD" .. "/tests/fake-lsandbox "
local file = os.tmpname()

-- What COMMAND says, stdout and stderr, with its status in front.
local function said(arguments)
  local out, ok, _, code = host.capture(command .. arguments .. " 2>&1 </dev/null")
  return (ok and 0 or code) .. " " .. out:gsub(file:gsub("%p", "%%%0"), "FILE"):gsub("\n$", "")
end

tap.case("a word", function()
  for word, meant in pairs {
    ls = "template list", exec = "run", rn = "run", shell = "run", templat = "template", hlep = "help",
  } do
    tap.is(said(word), ('125 lsandbox: "%s" is neither a verb nor the file of a recipe here; did you mean '
      .. '"lsandbox %s"? See lsandbox --help'):format(word, meant), word)
  end
  tap.is(said "frobnicate", '125 lsandbox: "frobnicate" is neither a verb nor the file of a recipe here. '
    .. "See lsandbox --help", "with nothing near")
  tap.is(said "--verson", '125 lsandbox: "--verson" is no option; did you mean "lsandbox --version"? '
    .. "See lsandbox --help", "an option")
  for _, path in ipairs { "none.lua", "./none", "/no/such/recipe" } do
    tap.is(said(path), "125 lsandbox: cannot open " .. path .. ": No such file or directory", path)
  end
end)

tap.case("an option", function()
  for option, meant in pairs { ["--memroy=1G"] = "memory", ["--volume"] = "bind", ["-u"] = "user", ["--envv"] = "env",
  } do
    tap.is(said("run " .. option .. " -- true"), ("125 lsandbox: unknown option %s; did you mean --%s? "
      .. "See lsandbox run --help"):format(option:match "^[^=]+", meant), option)
  end
  tap.is(said "run --frobnicate -- true", "125 lsandbox: unknown option --frobnicate. See lsandbox run --help",
    "with nothing near")
end)

tap.case("values as other tools take them", function()
  local own = "GREETING='from outside' LC_ALL=C "
  local function prints(arguments) return (said("run -c lxc:/// " .. arguments)) end
  command = own .. command
  tap.is(prints "-e GREETING -e OTHER=1 -- sh -c 'echo $GREETING $OTHER'", "0 from outside 1",
    "a variable of the caller")
  tap.is(prints "--env NOT_SET_HERE -- sh -c 'echo ${NOT_SET_HERE-unset}'", "0 unset", "one that is not set")
  tap.is(prints "--memory 64m --timeout 5s --idle-timeout 1.5m -- echo ran", "0 ran", "sizes and times")
  tap.like(prints "--timeout 5x -- true", "^125 lsandbox: %-%-timeout: expected a number, got \"5x\"", "a wrong time")
  command = command:sub(#own + 1)
end)

-- Every file mode that is usual is taken as a number, and every usual one that is written in decimal is refused.
tap.case("file modes", function()
  local lsandbox = require "lsandbox"
  local function accepts(mode)
    return (pcall(lsandbox.new, { mounts = { { type = "ram", target = "/x", mode = mode } } }))
  end
  for _, octal in ipairs { 400, 440, 444, 500, 550, 555, 600, 640, 644, 660, 664, 666, 700, 710, 711, 750, 755, 770,
    775, 777, 1777, 2755 } do
    tap.is(accepts(tonumber(tostring(octal), 8)), true, ("%04d as a number"):format(octal))
    tap.is(accepts(("%04d"):format(octal)), true, ("%04d as a string"):format(octal))
    tap.is(accepts(octal), false, ("%d, decimal"):format(octal))
  end
end)

local function returns(text, arguments)
  host.write(file, text)
  return said(file .. " " .. (arguments or ""))
end

tap.case("a recipe that returns", function()
  tap.is(returns 'return "no luck"', "125 lsandbox: FILE: no luck", "a string")
  tap.is(returns 'return io.open("/no/such/file")', "125 lsandbox: FILE: /no/such/file: No such file or directory",
    "nil and a message")
  tap.is(returns "return", "0 ", "nothing")
  tap.is(returns "return nil", "0 ", "nil")
  tap.is(returns "return 3.0", "3 ", "a whole float")
  tap.is(returns 'return nil, "exit", 7', "7 ", "what exec returns: a status")
  tap.is(returns 'return nil, "signal", 15', "143 ", "what exec returns: a signal")
  tap.is(returns 'return true, "exit", 0', "0 ", "what exec returns: success")
  tap.is(returns 'return { "true", memmory = 1 }',
    '125 lsandbox: FILE: memmory: unknown key; did you mean "memory"?', "a wrong table")
  tap.like(returns 'local x = 1\nerror "on purpose"', "^125 lsandbox: FILE:2: on purpose\nstack traceback:",
    "nothing, because it raises")
  tap.like(returns "return {", "^125 lsandbox: FILE:1: unexpected symbol near <eof>$", "nothing, because it is no Lua")
end)

tap.case("a recipe's argument that is missing", function()
  local bind = 'return { "true", connect = "lxc:///", mounts = { { type = "bind", source = %s, target = "/i" } } }'
  local missing = "125 lsandbox: FILE: mounts[1].source: expected absolute path, got nothing: the recipe takes "
    .. "arg[%d], and was given too few arguments"
  tap.is(returns(bind:format "arg[1]"), missing:format(1), "makes no empty directory")
  tap.is(returns(bind:format "arg[2]", "/etc"), missing:format(2), "is named")
  tap.is(returns(bind:format 'arg[1] or "/etc"'), "0 ", "may have a default")
  tap.is(returns(bind:format "arg[1]", "/etc"), "0 ", "is not missing")
  tap.is(returns(bind:format "nil"), "0 ", "is not meant")
  local places = "local n = {} for i in pairs(arg) do n[#n + 1] = i end table.sort(n) print(table.concat(n, ' '))"
  tap.is(returns(places, "/etc"), "0 -1 0 1", "arg is a table as lua's")
end)

os.remove(file)
tap.done()

-- Wrong recipes and their exact messages: each row a function that makes the recipe, or the recipe, and the message.
return {
  { {}, nil },   -- the recipe that says nothing is right
  { { memory = "-1M" }, 'memory: expected a size like 1048576, "64K", "256M" or "2GiB", got "-1M"' },
  { { hostname = "a/b" },
    'hostname: expected a host name of at most 64 letters, digits, "-", "_" and ".", the first neither "-" nor ".", '
      .. 'got "a/b"' },
}

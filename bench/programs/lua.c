// Scripts in Lua's interpreter: queens, closures and tables, strings, a prime sieve.
#include <lauxlib.h>
#include <lualib.h>

#include "kernel.h"

static const char script[] =
    "local function queens(n)\n"
    "  local columns, up, down, found = {}, {}, {}, 0\n"
    "  local function place(row)\n"
    "    if row > n then found = found + 1 return end\n"
    "    for c = 1, n do\n"
    "      if not columns[c] and not up[row + c] and not down[row - c] then\n"
    "        columns[c], up[row + c], down[row - c] = true, true, true\n"
    "        place(row + 1)\n"
    "        columns[c], up[row + c], down[row - c] = nil, nil, nil\n"
    "      end\n"
    "    end\n"
    "  end\n"
    "  place(1)\n"
    "  return found\n"
    "end\n"
    "local function sieve(n)\n"
    "  local composite, count = {}, 0\n"
    "  for i = 2, n do\n"
    "    if not composite[i] then\n"
    "      count = count + 1\n"
    "      for j = i * i, n, i do composite[j] = true end\n"
    "    end\n"
    "  end\n"
    "  return count\n"
    "end\n"
    "local function words(n)\n"
    "  local counts, total = {}, 0\n"
    "  for i = 1, n do\n"
    "    local word = string.format('w%d', i * 7919 % 977)\n"
    "    counts[word] = (counts[word] or 0) + #word\n"
    "  end\n"
    "  local parts = {}\n"
    "  for word, count in pairs(counts) do parts[#parts + 1] = word .. '=' .. count end\n"
    "  table.sort(parts)\n"
    "  for number in table.concat(parts, ','):gmatch('=(%d+)') do total = total + tonumber(number) "
    "end\n"
    "  return total\n"
    "end\n"
    "local Shape = {}\n"
    "Shape.__index = Shape\n"
    "function Shape.new(w, h) return setmetatable({w = w, h = h}, Shape) end\n"
    "function Shape:area() return self.w * self.h end\n"
    "local area = 0.0\n"
    "for i = 1, 300000 do area = area + Shape.new(i % 10, 0.5):area() end\n"
    "return queens(8) * 1000003 + sieve(400000) + words(60000) + area // 1 | 0\n";

static uint64_t kernel(void) {
  lua_State* lua = luaL_newstate();
  luaL_requiref(lua, LUA_GNAME, luaopen_base, 1);
  luaL_requiref(lua, LUA_TABLIBNAME, luaopen_table, 1);
  luaL_requiref(lua, LUA_STRLIBNAME, luaopen_string, 1);
  if (luaL_dostring(lua, script) != LUA_OK) {
    fprintf(stderr, "lua: %s\n", lua_tostring(lua, -1));
    exit(1);
  }
  uint64_t result = (uint64_t)lua_tointeger(lua, -1);
  lua_close(lua);
  return result;
}

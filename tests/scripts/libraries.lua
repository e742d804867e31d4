-- Shows the values of an expression in one line, for libraries.tsv. EXPRESSION stands for the expression.
local function show(v, depth)
  local t = type(v)
  if t == 'number' then return string.format(v == math.floor(v) and math.abs(v) < 1e22 and '%.0f' or '%.17g', v) end
  if t == 'string' then return '"' .. v:gsub('[%c"\\\127-\255]', function(c) return string.format('\\x%02x', c:byte()) end) .. '"' end
  if t == 'table' then
    if depth > 4 then return '{...}' end
    local parts = {}
    for k, x in pairs(v) do parts[#parts + 1] = '[' .. show(k, depth + 1) .. ']=' .. show(x, depth + 1) end
    table.sort(parts)
    return '{' .. table.concat(parts, ' ') .. '}'
  end
  if v == cjson.null then return 'null' end
  if t == 'nil' or t == 'boolean' then return tostring(v) end
  return t
end
local function all(...)
  local parts = {}
  for i = 1, select('#', ...) do parts[i] = show((select(i, ...)), 1) end
  return table.concat(parts, ' ')
end
local ok, text = pcall(function() return all(EXPRESSION) end)
return (ok and '' or 'error: ') .. tostring(text)

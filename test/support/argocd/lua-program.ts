/**
 * Runs scripts as Argo CD runs those of argocd-cm, in any Lua 5.1: the object is the global `obj`, and of the libraries only
 * base and table are there. One program for many runs, so that a real interpreter is started once.
 */

/** One script on one object. */
export interface LuaRun {
  readonly script: string;
  readonly object: object;
}

/** What a script gave, as JSON has it: an empty table is an empty list, as in Argo CD. */
export interface LuaResult {
  readonly value: unknown;
  readonly error: string | undefined;
  /** Names that the script left behind as globals. */
  readonly globals: readonly string[];
}

function quote(text: string): string {
  if (/^[ !#-[\]-~]*$/.test(text)) return `"${text}"`;
  const bytes = [...new TextEncoder().encode(text)].map((byte) => {
    const isPlain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
    return isPlain ? String.fromCharCode(byte) : `\\${String(byte).padStart(3, "0")}`;
  });
  return `"${bytes.join("")}"`;
}

/** Data as Lua writes it. */
function literal(value: unknown): string {
  if (value === null || value === undefined) return "nil";
  if (typeof value === "string") return quote(value);
  if (typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `{${value.map(literal).join(",")}}`;
  const fields = Object.entries(value).map(([name, of]) => `[${quote(name)}]=${literal(of)}`);
  return `{${fields.join(",")}}`;
}

const prelude = `
local gsub, format, byte, concat, sort = string.gsub, string.format, string.byte, table.concat, table.sort
local loadstring, setfenv, pcall, tostring, type, pairs, next = loadstring, setfenv, pcall, tostring, type, pairs, next
debug.setmetatable("", nil)
local given = { "assert", "error", "getmetatable", "ipairs", "next", "pairs", "pcall", "rawequal", "rawget", "rawset",
  "select", "setmetatable", "tonumber", "tostring", "type", "unpack", "xpcall", "_VERSION" }
local all = _G
local encode
local function quote(text)
  return '"' .. gsub(text, '[%c"\\\\]', function(c) return format("\\\\u%04x", byte(c)) end) .. '"'
end
local function encodeTable(value)
  local parts = {}
  if next(value) == nil then return "[]" end
  if type(next(value)) == "number" then
    for i = 1, #value do parts[i] = encode(value[i]) end
    return "[" .. concat(parts, ",") .. "]"
  end
  for name, of in pairs(value) do parts[#parts + 1] = quote(name) .. ":" .. encode(of) end
  sort(parts)
  return "{" .. concat(parts, ",") .. "}"
end
encode = function(value)
  if type(value) == "table" then return encodeTable(value) end
  if type(value) == "string" then return quote(value) end
  if value == nil then return "null" end
  return tostring(value)
end
local known = { obj = true, table = true }
for _, name in pairs(given) do known[name] = true end
local chunks, lines = {}, {}
local function run(script, object)
  local own = { obj = object, table = all.table }
  for _, name in pairs(given) do own[name] = all[name] end
  local chunk, problem = chunks[script]
  if not chunk then
    chunk, problem = loadstring(script)
    chunks[script] = chunk
  end
  local isDone, value = false, problem
  if chunk then
    setfenv(chunk, own)
    isDone, value = pcall(chunk)
  end
  local left = {}
  for name in pairs(own) do if not known[name] then left[#left + 1] = name end end
  local answer = { globals = left }
  if isDone then answer.value = value else answer.error = tostring(value) end
  lines[#lines + 1] = encode(answer)
end
-- gopher-lua joins no more than some thousands at once.
local function joined()
  local groups = {}
  for i = 1, #lines, 100 do
    local last = i + 99
    if last > #lines then last = #lines end
    groups[#groups + 1] = concat(lines, "\\n", i, last)
  end
  return concat(groups, "\\n")
end
`;

/** A chunk that returns one line of JSON for each run. */
export function luaProgram(runs: readonly LuaRun[]): string {
  const scripts = [...new Set(runs.map(({ script }) => script))];
  const calls = runs.map(
    ({ script, object }) => `run(scripts[${scripts.indexOf(script) + 1}], ${literal(object)})`,
  );
  const table = scripts.map(quote).join(",");
  return `${prelude}\nlocal scripts = {${table}}\n${calls.join("\n")}\nreturn joined()\n`;
}

/** What the chunk returned, in the order of the runs. */
export function readLuaResults(text: string): readonly LuaResult[] {
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .map(({ value, error, globals }) => ({ value, error, globals }));
}

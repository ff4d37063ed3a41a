-- common.lua - what the load on the program and on its peer have in common. Environment: BENCH_IDS (directory
-- of `plantao seed --out`), BENCH_TEST (a kind of request, or mixed), SEED, BENCH_PAUSE_MS (each connection rests
-- as long on average before it asks again).
local common = {}
local ids, test = os.getenv("BENCH_IDS"), os.getenv("BENCH_TEST")

function common.lines(name)
  local t = {}
  for l in io.lines(ids .. "/" .. name) do t[#t + 1] = l end
  return t
end

-- Headers of a GET and of a POST for each bearer of tokens.txt; another number is another thread.
function common.start(number)
  math.randomseed((tonumber(os.getenv("SEED")) or 1) * 1000 + number)
  local get, post = {}, {}
  for i, t in ipairs(common.lines("tokens.txt")) do
    get[i] = { ["Authorization"] = "Bearer " .. t }
    post[i] = { ["Authorization"] = "Bearer " .. t, ["Content-Type"] = "application/json" }
  end
  return get, post
end

-- The kind of request that BENCH_TEST names; mixed is 80 read, 15 list, 5 create of a hundred.
function common.next(kinds)
  local one = kinds[test]
  if one then return one() end
  local r = math.random(100)
  if r <= 80 then return kinds.read() elseif r <= 95 then return kinds.list() end
  return kinds.create()
end

local pause = tonumber(os.getenv("BENCH_PAUSE_MS"))
if pause then function delay() return math.random(0, 2 * pause) end end

function common.report(summary, latency)
  local e = summary.errors
  io.write(string.format('JSON {"requests":%d,"seconds":%.3f,"p50_ms":%.3f,"p99_ms":%.3f,"max_ms":%.1f,"errors":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    latency.max / 1000, e.status + e.connect + e.read + e.write + e.timeout))
end

return common

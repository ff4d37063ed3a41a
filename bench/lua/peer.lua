-- peer.lua - the same load for the peer of bench/peers. Environment: BENCH_IDS (directory of tokens.txt,
-- records.txt, patients.txt), BENCH_TEST (read, list, create, mixed), SEED. Its doctors are doctor-1 to -200.
local ids, test = os.getenv("BENCH_IDS"), os.getenv("BENCH_TEST")
local random, format = math.random, wrk.format
local API = "/api/medical-records"

local function lines(name)
  local t = {}
  for l in io.lines(ids .. "/" .. name) do t[#t + 1] = l end
  return t
end

local read, list, create

function init()
  math.randomseed(tonumber(os.getenv("SEED")) or 1)
  local tokens, patients, records = lines("tokens.txt"), lines("patients.txt"), lines("records.txt")
  local get, post = {}, {}
  for i, t in ipairs(tokens) do
    get[i] = { ["Authorization"] = "Bearer " .. t }
    post[i] = { ["Authorization"] = "Bearer " .. t, ["Content-Type"] = "application/json" }
  end
  read = function() return format("GET", API .. "/" .. records[random(#records)], get[random(#get)]) end
  list = function()
    return format("GET", API .. "?doctorId=doctor-" .. random(200) .. "&page=1&limit=20", get[random(#get)])
  end
  local serial = 0
  create = function()
    serial = serial + 1
    return format("POST", API, post[random(#post)], '{"patientId":"' .. patients[random(#patients)] ..
      '","recordType":"CONSULTATION","diagnosis":"Retorno. Hipertensão arterial sistêmica, CID I10, caso ' .. serial ..
      '","treatment":"Losartana 50 mg uma vez ao dia, retorno em 30 dias","notes":"PA 140x90. Sem outras queixas."}')
  end
end

function request()
  if test == "read" then return read() end
  if test == "list" then return list() end
  if test == "create" then return create() end
  local r = random(100)
  if r <= 80 then return read() elseif r <= 95 then return list() end
  return create()
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format('JSON {"requests":%d,"seconds":%.3f,"p50_ms":%.3f,"p99_ms":%.3f,"max_ms":%.1f,"errors":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    latency.max / 1000, e.status + e.connect + e.read + e.write + e.timeout))
end
